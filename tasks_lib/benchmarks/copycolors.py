"""CopyColors: find among ten choices the colour the question names (Wiegreffe et al. 2024).

It measures whether a model can answer by letter at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from assay.records import Question
from tasks_lib.metrics import choice_accuracy
from tasks_lib.olmes import LISTED_SHOT, PackagedShots, packaged_question
from tasks_lib.prompts import both_forms
from tasks_lib.registry import register, register_variant
from tasks_lib.rows import labelled_question
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

DATASET, CONFIG = "sarahwie/copycolors_mcqa", "10_answer_choices"
OLMES_KEYS = ("c0cb1d79833fcd87", "919f33351d38c41c", "b3dd184a768ac061")


@register("copycolors")
def copycolors() -> Task:
    """Colours that the question names, found among ten choices by letter."""
    return Task(
        source=Hub(DATASET, CONFIG, split="test"),
        question=question,
        prompt=both_forms("Question: {text}\n").lettered(),
        metrics=[choice_accuracy()],
    )


@register_variant("copycolors", "olmes")
def olmes(task: Task) -> Task:
    """Follow OLMES: three fixed shots, which its package holds."""
    shots = PackagedShots("copycolors/10way", LISTED_SHOT)
    return task.with_(fewshot=shots, shots=3, shot_rule="fixed", shot_keys=OLMES_KEYS)


@register_variant("copycolors", "cyclic")
def cyclic(task: Task) -> Task:
    """Ask each question ten times, its choices moved on by one each time; the ten are one cluster."""
    return task.with_(source=Rotated(DATASET, CONFIG, split="test"))


@dataclass(frozen=True)
class Rotated(Hub):
    """Each row once for every place its first choice can take."""

    def rows(self) -> Iterator[Row]:
        """Yield the row and its rotations; raises DataError."""
        for row in super().rows():
            texts = row["choices"]["text"]
            right = list(row["choices"]["label"]).index(row["answerKey"])
            for shift in range(len(texts)):
                choices = {"text": texts[shift:] + texts[:shift], "label": row["choices"]["label"]}
                key = choices["label"][(right - shift) % len(texts)]
                yield {**row, "shift": shift, "choices": choices, "answerKey": key}


def question(row: Row) -> Question:
    """Take question and choices."""
    if shot := packaged_question(row):
        return shot
    plain = labelled_question(row, text=row["question"])
    shift = row.get("shift", 0)
    name = f"{plain.id}_shift{shift}" if shift else plain.id
    return plain.model_copy(update={"id": name, "cluster": plain.id if "shift" in row else None})
