"""LAB-Bench: research questions of biology (Laurent et al. 2024)."""

import random

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import follow_olmes
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "futurehouse/lab-bench"
LISTED = both_forms("Question: {text}\n").lettered()


@register("lab_bench_dbqa")
def lab_bench_dbqa() -> Task:
    """Questions about biological databases, each choice's text compared by likelihood."""
    return _lab_bench("DbQA")


@register("lab_bench_protocolqa")
def lab_bench_protocolqa() -> Task:
    """Questions about laboratory protocols, asked without the protocol as OLMES does."""
    return _lab_bench("ProtocolQA")


@register_variant("lab_bench_dbqa", "olmes")
@register_variant("lab_bench_protocolqa", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: three shots drawn from the same split, likelihood for each token."""
    return follow_olmes(task, norm="tokens", shots=3)


@register_variant("lab_bench_dbqa", "mc")
@register_variant("lab_bench_protocolqa", "mc")
def mc(task: Task) -> Task:
    """List the choices in an order of each question's own and compare the likelihood of their letters."""
    return task.with_(question=shuffled_question, prompt=LISTED, metrics=[choice_accuracy()])


def _lab_bench(config: str) -> Task:
    return Task(
        source=Hub(DATASET, config, split="train"),
        fewshot=Hub(DATASET, config, split="train"),
        question=question,
        prompt=both_forms("Question: {text}\n"),
        metrics=[choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
    )


def question(row: Row) -> Question:
    """Take the question and its choices, the right one last."""
    choices = (*row["distractors"], row["ideal"])
    return Question(id=row["id"], text=row["question"], choices=choices, answer=len(choices) - 1)


def shuffled_question(row: Row) -> Question:
    """Shuffle the choices by the row's id, as OLMES does where it lists them."""
    choices = [*row["distractors"], row["ideal"]]
    random.Random(row["id"]).shuffle(choices)  # noqa: S311
    return Question(
        id=row["id"], text=row["question"], choices=tuple(choices), answer=choices.index(row["ideal"])
    )
