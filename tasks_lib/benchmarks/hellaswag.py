"""HellaSwag: which ending continues a scene (Zellers et al. 2019)."""

import re
from collections.abc import Callable

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.prompts import cloze
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
MARKER = re.compile(r"\[.*?\]")
TITLE = re.compile(r"\.? \[title\]")


@register("hellaswag")
def hellaswag() -> Task:
    """Everyday scenes, four endings compared by likelihood for each character."""
    return Task(
        source=Hub(DATASET, split="validation"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=cloze("{text}"),
        metrics=[choice_accuracy("characters"), choice_accuracy(name="acc_raw")],
    )


@register_variant("hellaswag", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: acc, and acc_norm by characters."""
    metrics = [choice_accuracy(), choice_accuracy("characters", name="acc_norm")]
    return task.with_(metrics=metrics, question=lm_eval_question, shot_rule="lm-eval-one-more")


@register_variant("hellaswag", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood for each character, the blank before the ending counted."""
    metrics = [choice_accuracy("characters_with_blank"), choice_accuracy(name="acc_raw")]
    return task.with_(metrics=metrics, shots=5, shot_rule="fixed", shot_rows=OLMES_SHOTS)


def question(row: Row) -> Question:
    """Clean the texts as OLMES does."""
    return _question(row, olmes_clean)


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
