"""GPQA: questions that experts write and others cannot look up (Rein et al. 2024). CC BY 4.0, gated.

Source: `Idavidrein/gpqa`, whose questions its authors ask nobody to show in plain text: only the loader is
here, and the Hub wants its terms to be accepted. The choices of a question stand in an order that hangs on
its record alone, so that it is the same in each run. Eight answers to each question are part of it.
"""

import hashlib

from assay.records import Question
from tasks_lib.benchmarks.any_choice import reasoned
from tasks_lib.metrics import choice_accuracy
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET = "Idavidrein/gpqa"
WRONG = ("Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")
SAMPLES = 8


@register("gpqa")
def gpqa() -> Task:
    """GPQA Diamond for chat models: a letter after reasoning, eight answers to each question."""
    asked = reasoned(
        Task(
            source=_source("diamond"),
            question=question,
            prompt=both_forms("Question: {text}\n"),
            metrics=[choice_accuracy()],
            name="gpqa",
        )
    )
    sampling = asked.generate.model_copy(update={"temperature": 0.6, "top_p": 0.95, "max_tokens": 32768})
    return asked.with_(samples=SAMPLES, generate=sampling)


@register_variant("gpqa", "(diamond|main|extended|experts)")
def part(task: Task, name: str) -> Task:
    """Ask the 198 questions of `diamond`, the 448 of `main`, the 546 of `extended`, or the `experts` set."""
    return task.with_(source=_source(name))


def question(row: Row) -> Question:
    """Take the question, its choices in an order by the record's id, and the subdomain."""
    right = row["Correct Answer"].strip()
    choices = sorted((right, *(row[key].strip() for key in WRONG)), key=lambda text: _rank(row, text))
    return Question(
        id=row["Record ID"],
        text=row["Question"].strip(),
        choices=tuple(choices),
        answer=choices.index(right),
        fields={"subdomain": row.get("Subdomain") or ""},
    )


def _rank(row: Row, text: str) -> str:
    return hashlib.sha256(f"{row['Record ID']}\0{text}".encode()).hexdigest()


def _source(name: str) -> Hub:
    return Hub(DATASET, f"gpqa_{name}", split="train")
