"""SQuAD 1.1: a span of the passage answers the question (Rajpurkar et al. 2016)."""

from assay.fingerprint import digest
from assay.records import Question, Sampling
from tasks_lib.metrics import answer_metrics
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "rajpurkar/squad"


@register("squad")
def squad() -> Task:
    """Questions answered by a span of a passage, scored by the official exact match and F1."""
    return Task(
        source=Hub(DATASET, "plain_text", split="validation"),
        fewshot=Hub(DATASET, "plain_text", split="train"),
        question=question,
        prompt=completion("Title: {title}\n\nPassage: {context}\n\nQuestion: {text}\n\nAnswer:"),
        metrics=answer_metrics(),
        generate=Sampling(max_tokens=64, stop=("\n",)),
    )


def question(row: Row) -> Question:
    """Take the question and all annotators' answers; the questions of one passage are a cluster."""
    first, *others = row["answers"]["text"]
    return Question(
        id=row["id"],
        text=row["question"],
        target=first,
        aliases=tuple(others),
        cluster=digest(row["context"].encode(), length=16),
        fields={"title": row["title"].replace("_", " "), "context": row["context"]},
    )
