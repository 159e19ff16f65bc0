"""BIG-Bench Hard: 27 tasks that need several steps (Suzgun et al. 2023). MIT.

Source: `lukaemon/bbh`. The authors' three shots of each task, with their reasoning, are files of their
repository and carry its canary; they are read from there, or from `cot-prompts/` in the mirror.
An answer is right where it equals the target as a text, outer white space aside: the authors' rule.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fsspec

from assay.errors import DatasetNotFound
from assay.records import Question, Sampling
from tasks_lib.extract.patterns import whole
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import completion
from tasks_lib.registry import register, register_variant
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import MIRROR, Hub
from tasks_lib.task import Row, Task

DATASET = "lukaemon/bbh"
PROMPTS = "https://raw.githubusercontent.com/suzgunmirac/BIG-Bench-Hard/main/cot-prompts"
FAMILIES = {
    "logical_deduction": ("three_objects", "five_objects", "seven_objects"),
    "tracking_shuffled_objects": ("three_objects", "five_objects", "seven_objects"),
}
"""Tasks in three sizes, which the paper counts as one each."""
SINGLE = (
    "boolean_expressions", "causal_judgement", "date_understanding", "disambiguation_qa", "dyck_languages",
    "formal_fallacies", "geometric_shapes", "hyperbaton", "movie_recommendation", "multistep_arithmetic_two",
    "navigate", "object_counting", "penguins_in_a_table", "reasoning_about_colored_objects", "ruin_names",
    "salient_translation_error_detection", "snarks", "sports_understanding", "temporal_sequences",
    "web_of_lies", "word_sorting",
)  # fmt: skip
SUBTASKS = (*SINGLE, *(f"{name}_{size}" for name, sizes in FAMILIES.items() for size in sizes))
SHOT = re.compile(r"^Q: (?P<input>.*?)\nA: (?P<reasoning>.*?)(?=\n\nQ: |\s*\Z)", re.DOTALL | re.MULTILINE)
CONCLUSION = re.compile(r".*answer is (.*)")


@dataclass(frozen=True)
class AuthorsShots:
    """The three shots of a subtask from the authors' file; the first one holds the instruction."""

    subtask: str

    def __str__(self) -> str:
        return f"{PROMPTS}/{self.subtask}.txt"

    def rows(self) -> Iterator[Row]:
        """Yield the shots in the authors' order; raises DatasetNotFound."""
        instruction, _, solved = self._text().partition("\n-----\n")[2].lstrip("\n").partition("\n\n")
        for number, match in enumerate(SHOT.finditer(solved)):
            target = concluded(match["reasoning"])
            lead = "" if number else f"{instruction}\n\n"
            yield {"input": match["input"], "target": target, "reasoning": match["reasoning"], "lead": lead}

    def _text(self) -> str:
        mirror = os.environ.get(MIRROR)
        file = Path(mirror or "").expanduser() / DATASET / "cot-prompts" / f"{self.subtask}.txt"
        try:
            if mirror:
                return file.read_text()
            with fsspec.open(str(self), "r") as stream:
                return str(stream.read())
        except (OSError, ImportError, ValueError) as error:
            raise DatasetNotFound(
                f"The authors' prompt {str(file if mirror else self)!r} cannot be read.",
                remedy="Check the network or the mirror.",
            ) from error


def bbh(subtask: str) -> Task:
    """Ask for the answer alone after the authors' three shots."""
    return Task(
        source=Hub(DATASET, subtask, split="test"),
        fewshot=AuthorsShots(subtask),
        shots=3,
        shot_rule="fixed",
        question=question,
        prompt=completion("Q: {text}\nA:", solved="{lead}Q: {text}\nA: {target}"),
        metrics=[accuracy(exact_match())],
        generate=Sampling(max_tokens=64, stop=("\n",)),
    )


def reasoned(task: Task) -> Task:
    """Let the model reason as the authors' shots do; what follows the last "answer is" counts."""
    return task.with_(
        prompt=completion(
            "Q: {text}\nA: Let's think step by step.",
            solved="{lead}Q: {text}\nA: {reasoning}",
            target="\n{target}",
        ),
        metrics=[accuracy(exact_match(concluded, gold=whole))],
        generate=Sampling(max_tokens=1024, stop=("\n\nQ:",)),
    )


def question(row: Row) -> Question:
    """Take the text and its answer; a shot has its reasoning too."""
    extra = {key: row[key] for key in ("reasoning", "lead") if key in row}
    return Question(text=row["input"], target=row["target"], fields=extra)


def concluded(text: str) -> str | None:
    """Return what stands after the last "answer is", without a full stop, else the whole text."""
    stated = CONCLUSION.findall(text)
    return str(stated[-1]).strip().removesuffix(".") if stated else whole(text)


for _subtask in SUBTASKS:
    _about = _subtask.replace("_", " ")
    register(f"bbh_{_subtask}", about=f"BIG-Bench Hard, {_about}: the answer as a text.")(
        partial(bbh, _subtask)
    )
    register_variant(f"bbh_{_subtask}", "cot")(reasoned)
