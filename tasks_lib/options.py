"""Options of a task on the command line: `-o key=value` changes one field of the task before it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from pydantic import ValidationError

from assay.errors import BadSpec, UnknownName
from tasks_lib.locations import source_at
from tasks_lib.sources import Hub
from tasks_lib.task import ShotRule, Source, Task


def apply_options(task: Task, options: Mapping[str, str]) -> Task:
    """Change a task by the options of a command; raises UnknownName and BadSpec."""
    for key, value in options.items():
        if key not in OPTIONS:
            raise UnknownName(f"option of {task.name}", key, OPTIONS)
        try:
            task = OPTIONS[key](task, value)
        except ValueError as error:
            raise BadSpec(
                f"The option {key}={value!r} of {task.name!r} does not parse: {_reason(error)}.",
                remedy=EXAMPLES.get(key, ""),
            ) from error
    return task.with_(options={**task.options, **options})


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return error.errors()[0]["msg"].lower()
    return str(error)


def _field(name: str, read: Callable[[str], object]) -> Callable[[Task, str], Task]:
    return lambda task, value: task.with_(**{name: read(value)})


def _sampling(name: str, read: Callable[[str], object]) -> Callable[[Task, str], Task]:
    def change(task: Task, value: str) -> Task:
        settings: dict[str, Any] = {**dict(task.generate), name: read(value)}
        return task.with_(generate=type(task.generate)(**settings))

    return change


def _hub(field: str, part: str, read: Callable[[str], object] = str) -> Callable[[Task, str], Task]:
    def change(task: Task, value: str) -> Task:
        source: Source | None = getattr(task, field)
        if not isinstance(source, Hub):
            raise BadSpec(f"The task {task.name!r} reads no data set of the Hub here, so it has no {part}.")
        changed = replace(source, **{part: read(value)})  # type: ignore[arg-type]
        return task.with_(**{field: changed})

    return change


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("it must be 1 or more")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("it must not be negative")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number < 1:
        raise ValueError("it must lie between 0 and 1")
    return number


def _stops(text: str) -> tuple[str, ...]:
    """Read stop sequences parted by `|`, in which `\\n` is a line break; nothing means none."""
    return tuple(part.replace(r"\n", "\n") for part in text.split("|") if part)


def _rule(text: str) -> str:
    if text not in get_args(ShotRule):
        raise ValueError(f"choose from {', '.join(get_args(ShotRule))}")
    return text


OPTIONS: dict[str, Callable[[Task, str], Task]] = {
    "config": _hub("source", "config"),
    "split": _hub("source", "split"),
    "revision": _hub("source", "revision", read=lambda text: text or None),
    "fewshot_split": _hub("fewshot", "split"),
    "source": _field("source", source_at),
    "fewshot_source": _field("fewshot", source_at),
    "shots": _field("shots", _count),
    "shot_rule": _field("shot_rule", _rule),
    "samples": _field("samples", _positive),
    "seed": _field("seed", int),
    "margin": _field("margin", _share),
    "max_tokens": _sampling("max_tokens", _positive),
    "temperature": _sampling("temperature", float),
    "top_p": _sampling("top_p", float),
    "stop": _sampling("stop", _stops),
    "sampling_seed": _sampling("seed", int),
}
EXAMPLES = {
    "margin": "For example: -o margin=0.01",
    "shots": "For example: -o shots=5",
    "temperature": "For example: -o temperature=0.6",
    "top_p": "For example: -o top_p=0.95",
}
