"""HellaSwag: which ending continues a scene (Zellers et al. 2019)."""

import re
from collections.abc import Callable

from assay.records import Question
from tasks_lib.metrics import choice_accuracy, cloze_metrics
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "Rowan/hellaswag"
OLMES_SHOTS = (
    {"ind": 12, "source_id": "wikihow~19"},
    {"ind": 39, "source_id": "wikihow~66"},
    {"ind": 9, "source_id": "activitynet~v_-2dxp-mv2zo"},
    {"ind": 47, "source_id": "activitynet~v_-Xl95IW5H_s"},
    {"ind": 38, "source_id": "wikihow~62"},
)
"""Rows of train that OLMES fixes; `ind` alone is not unique."""
PROMPT = ChoicePrompt(
    template="{text}",
    listed="{text}\nChoose the best continuation:\n{options}Answer:",
    option=" {letter}. {choice}\n",
)
MARKER = re.compile(r"\[.*?\]")
TITLE = re.compile(r"\.? \[title\]")


@register("hellaswag")
def hellaswag() -> Task:
    """Everyday scenes, four endings compared by likelihood for each character."""
    return Task(
        source=Hub(DATASET, split="validation"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=PROMPT,
        metrics=cloze_metrics("characters"),
    )


@register_variant("hellaswag", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: acc, and acc_norm by characters."""
    metrics = [choice_accuracy(), choice_accuracy("characters", name="acc_norm")]
    return task.with_(metrics=metrics, question=lm_eval_question, shot_rule="lm-eval-one-more")


@register_variant("hellaswag", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood for each character, the blank before the ending counted."""
    return follow_olmes(task, shot_rows=OLMES_SHOTS)


@register_variant("hellaswag", "mc")
def mc(task: Task) -> Task:
    """List the endings and compare the likelihood of their letters."""
    return task.with_(question=listed_question, prompt=PROMPT.lettered(), metrics=[choice_accuracy()])


def question(row: Row) -> Question:
    """Clean the texts as OLMES does; an ending keeps the blank that a marker leaves before it."""
    return _question(row, olmes_clean)


def listed_question(row: Row) -> Question:
    """Clean the texts as OLMES does where it lists the endings: half a scene ends in a blank."""
    plain = question(row)
    scene = plain.text if row["ctx_b"] else f"{plain.text} "
    return plain.model_copy(
        update={"text": scene, "choices": tuple(choice.strip() for choice in plain.choices)}
    )


def lm_eval_question(row: Row) -> Question:
    """Clean the texts as lm-evaluation-harness does."""
    return _question(row, lm_eval_clean)


def olmes_clean(text: str) -> str:
    """Turn a title's marker, with the full stop before it, into a full stop; drop the other markers."""
    return MARKER.sub("", TITLE.sub(". ", text.strip())).replace("  ", " ")


def lm_eval_clean(text: str) -> str:
    """Turn a title's marker into a full stop, drop the other markers, halve double blanks once."""
    return MARKER.sub("", text.strip().replace(" [title]", ". ")).replace("  ", " ")


def _question(row: Row, clean: Callable[[str], str]) -> Question:
    scene = f"{row['activity_label']}: {row['ctx_a']} {row['ctx_b'].capitalize()}"
    return Question(
        text=clean(scene),
        choices=tuple(clean(ending) for ending in row["endings"]),
        answer=int(row["label"]),
    )
