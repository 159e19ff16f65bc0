"""OpenBookQA: elementary science that takes a fact and common sense (Mihaylov et al. 2018)."""

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import both_forms, cloze
from tasks_lib.registry import register, register_variant
from tasks_lib.rows import labelled_question
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "allenai/openbookqa"
OLMES_SHOTS = tuple({"id": name} for name in ("7-584", "7-870", "9-732", "9-782", "8-72"))


@register("openbookqa", aliases=["obqa"])
def openbookqa() -> Task:
    """Elementary science questions, each choice's text compared by likelihood."""
    return Task(
        source=Hub(DATASET, "main", split="test"),
        fewshot=Hub(DATASET, "main", split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


@register_variant("openbookqa", "lm-eval")
def lm_eval(task: Task) -> Task:
    """Follow lm-evaluation-harness: the beginning of the sentence alone, acc and acc_norm."""
    return task.with_(prompt=cloze("{text}"), shot_rule="lm-eval")


@register_variant("openbookqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: five fixed shots, likelihood against that after `Answer:` alone."""
    return follow_olmes(task, norm="unconditional", shot_rows=OLMES_SHOTS)


def question(row: Row) -> Question:
    """Take the stem and its four choices."""
    return labelled_question(row, text=row["question_stem"])
