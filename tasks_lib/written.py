"""Tasks written in YAML: a data set, templates over its columns, a metric; `-t FILE.yaml`.

What a file may say is the class `Sheet`; a mistake is reported with the line it stands in.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import yaml
from pydantic import Field, JsonValue, ValidationError

from assay.errors import BadSpec
from assay.records import Question, Record, Sampling
from tasks_lib.extract.letters import LETTERS
from tasks_lib.extract.numbers import last_number
from tasks_lib.metrics import accuracy, answer_metrics, choice_accuracy
from tasks_lib.prompts import both_forms, completion
from tasks_lib.scorers.answers import plain
from tasks_lib.scorers.mathematics import SameMathematics
from tasks_lib.scorers.text import exact_match
from tasks_lib.scorers.trivia import MentionsAnswer
from tasks_lib.sources import Hub, Local
from tasks_lib.task import Metric, Row, Source, Task

ENDINGS = (".yaml", ".yml")
PLAIN = (str, int, float, bool)
Scoring = Literal["exact_match", "same_words", "f1", "contains", "last_number", "mathematics", "choice"]
METRICS: dict[Scoring, Callable[[], Sequence[Metric]]] = {
    "exact_match": lambda: [accuracy(exact_match())],
    "same_words": lambda: [accuracy(exact_match(normalise=plain))],
    "f1": lambda: list(reversed(answer_metrics())),
    "contains": lambda: [accuracy(MentionsAnswer())],
    "last_number": lambda: [accuracy(exact_match(last_number))],
    "mathematics": lambda: [accuracy(SameMathematics())],
    "choice": lambda: [choice_accuracy(), choice_accuracy("characters", name="acc_norm")],
}


class Data(Record):
    """Rows: a file beside the YAML file or behind an address, or a split of a Hub data set."""

    file: str = ""
    hub: str = ""
    config: str = "default"
    split: str = "test"
    revision: str | None = None


class Fields(Record):
    """How a row becomes a question: templates such as `{question}`, and names of columns."""

    text: str
    target: str | None = None
    id: str = ""
    cluster: str | None = None
    aliases: str | None = None
    """A column with a list of other accepted answers."""
    choices: str | None = None
    """A column with the list of choices."""
    answer: str | None = None
    """A column with the right choice: its position from 0, its letter, or its text."""


class Sheet(Record):
    """What a YAML file says of a task."""

    about: str
    data: Data
    question: Fields
    prompt: str
    metric: Scoring = "exact_match"
    description: str = ""
    few_shots: Data | None = None
    shots: int = Field(default=0, ge=0)
    samples: int = Field(default=1, gt=0)
    max_tokens: int = Field(default=512, gt=0)
    temperature: float = Field(default=0.0, ge=0)
    stop: tuple[str, ...] = ()


def is_written(name: str) -> bool:
    """Whether the name of a task is that of a YAML file."""
    return name.endswith(ENDINGS)


def written_task(path: str) -> Task:
    """Read a task from a YAML file; raises BadSpec with the line of the first mistake."""
    sheet = _sheet(Path(path))
    folder = Path(path).parent
    template = sheet.prompt.removesuffix("\n")
    listed = sheet.metric == "choice"
    if listed and (sheet.question.choices is None or sheet.question.answer is None):
        raise BadSpec(
            f"The metric `choice` of {path!r} needs choices.",
            remedy="Name the columns `choices` and `answer` under `question`.",
        )
    head = template.removesuffix("Answer:") if listed else template
    return Task(
        source=_source(sheet.data, folder),
        fewshot=None if sheet.few_shots is None else _source(sheet.few_shots, folder),
        shots=sheet.shots,
        question=partial(question, fields=sheet.question, named=_names(template)),
        prompt=both_forms(head, description=sheet.description)
        if listed
        else completion(template, description=sheet.description, turns=True),
        metrics=METRICS[sheet.metric](),
        samples=sheet.samples,
        generate=Sampling(max_tokens=sheet.max_tokens, temperature=sheet.temperature, stop=sheet.stop),
    )


def question(row: Row, *, fields: Fields, named: frozenset[str]) -> Question:
    """Fill the templates from a row; raises LookupError where a column is missing."""
    kept: dict[str, JsonValue] = {key: value for key, value in row.items() if isinstance(value, PLAIN)}
    if missing := named - {"text", "target"} - kept.keys():
        raise LookupError(f"the prompt names {', '.join(sorted(missing))}, which the row has not")
    choices = tuple(map(str, row[fields.choices])) if fields.choices else ()
    return Question(
        id=fields.id.format_map(kept),
        text=fields.text.format_map(kept),
        target=None if fields.target is None else fields.target.format_map(kept),
        cluster=None if fields.cluster is None else fields.cluster.format_map(kept),
        aliases=tuple(map(str, row[fields.aliases])) if fields.aliases else (),
        choices=choices,
        answer=_position(row[fields.answer], choices) if fields.answer else None,
        fields={key: value for key, value in kept.items() if key not in {"text", "target"}},
    )


def _position(value: object, choices: Sequence[str]) -> int:
    if isinstance(value, int):
        return value
    text = str(value).strip()
    if text in choices:
        return choices.index(text)
    return int(text) if text.isdigit() else LETTERS.index(text)


def _source(data: Data, folder: Path) -> Source:
    if bool(data.file) == bool(data.hub):
        raise BadSpec("Data come from a file or from the Hub.", remedy="Write either `file` or `hub`.")
    if data.hub:
        return Hub(data.hub, data.config, split=data.split, revision=data.revision)
    return Local(data.file if "://" in data.file else str(folder / Path(data.file).expanduser()))


def _names(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def _sheet(path: Path) -> Sheet:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return Sheet.model_validate(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSpec(
            f"The task file {str(path)!r} cannot be read: {error}.", remedy="Check its path."
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f"Line {mark.line + 1} of "
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise BadSpec(f"{where}{str(path)!r} is not YAML: {problem}.", remedy="Mend the line.") from error
    except ValidationError as error:
        first = error.errors()[0]
        line = _line(node, first["loc"])
        what = ".".join(map(str, first["loc"])) or "the whole"
        raise BadSpec(
            f"Line {line} of {str(path)!r}: {what}: {first['msg'].lower()}.",
            remedy=f"A task has {', '.join(Sheet.model_fields)}; see docs/guides/yaml-tasks.md.",
        ) from error


def _line(node: Any, place: Sequence[int | str]) -> int:
    """Find the line of a value, or of the deepest thing that holds it; the first for an empty file."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            pair = (node.value[step], node.value[step])
        else:
            pair = None
        if pair is None:
            return line
        line, node = pair[0].start_mark.line + 1, pair[1]
    return line
