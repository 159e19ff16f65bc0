"""NQ-open: questions people asked a search engine, without a passage (Lee et al. 2019)."""

from assay.records import Question, Sampling
from tasks_lib.metrics import answer_metrics
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "google-research-datasets/nq_open"


@register("nq_open")
def nq_open() -> Task:
    """Open questions with short answers, scored by exact match and F1 as SQuAD does."""
    return Task(
        source=Hub(DATASET, "nq_open", split="validation"),
        fewshot=Hub(DATASET, "nq_open", split="train"),
        question=question,
        prompt=completion("Q: {text}?\nA:"),
        metrics=answer_metrics(),
        generate=Sampling(max_tokens=32, stop=("\n",)),
    )


def question(row: Row) -> Question:
    """Take the question, which is written without its mark, and all accepted answers."""
    first, *others = row["answer"]
    return Question(text=row["question"], target=first, aliases=tuple(others))
