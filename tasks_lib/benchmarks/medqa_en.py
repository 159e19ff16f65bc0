"""MedQA: questions of the United States medical licensing exam (Jin et al. 2021)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import LISTED_SHOT, DrawnShots, PackagedShots, follow_olmes, packaged_question
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "davidheineman/medqa-en"


@register("medqa_en", aliases=["medqa"])
def medqa_en() -> Task:
    """Cases of the United States medical licensing exam, each choice's text compared by likelihood."""
    return Task(
        source=Hub(DATASET, split="test"),
        fewshot=Hub(DATASET, split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("medqa_en", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five shots drawn from train, likelihood for each character."""
    shots = DrawnShots(Hub(DATASET, split="train"), PackagedShots("medqa_en/mc_5shot", LISTED_SHOT))
    return follow_olmes(task, fewshot=shots, shot_rule="fixed")


def question(row: Row) -> Question:
    """Take the case and its choices."""
    return packaged_question(row) or Question(
        text=row["question"], choices=tuple(row["choices"]), answer=row["answer_idx"]
    )
