"""ARC: science questions with choices (Clark et al. 2018)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.rows import labelled_question
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/ai2_arc"
EASY_SHOTS = (1, 2, 3, 4, 5)
CHALLENGE_SHOTS = (0, 1, 2, 3, 8)
"""Rows of train that OLMES fixes (its std_fewshot.py, first five)."""


@register("arc_easy")
def arc_easy() -> Task:
    """Easy science questions, each choice's text compared by likelihood."""
    return _arc("ARC-Easy")


@register("arc_challenge")
def arc_challenge() -> Task:
    """Hard science questions, each choice's text compared by likelihood."""
    return _arc("ARC-Challenge")


@register_variant("arc_easy", "lm-eval")
@register_variant("arc_challenge", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: no shots, acc and acc_norm."""
    return task.with_(shot_rule="lm-eval")


@register_variant("arc_easy", "olmes")
def olmes_easy(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood for each character."""
    return follow_olmes(task, shot_rows=EASY_SHOTS)


@register_variant("arc_challenge", "olmes")
def olmes_challenge(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood against that after `Answer:` alone."""
    return follow_olmes(task, norm="unconditional", shot_rows=CHALLENGE_SHOTS)


def _arc(config: str) -> Task:
    return Task(
        source=Hub(DATASET, config, split="test"),
        fewshot=Hub(DATASET, config, split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


def question(row: Row) -> Question:
    """Take question and choices; labels are letters or digits."""
    return labelled_question(row, text=row["question"])
