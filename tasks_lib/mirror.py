"""Which splits of the Hub tasks read, so that a mirror can hold them before there is no network."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from tasks_lib.sources import Hub
from tasks_lib.task import Task


def hub_splits(tasks: Iterable[Task]) -> list[Hub]:
    """List the splits that questions and few-shots come from, each once, in order of use."""
    splits = (split for task in tasks for split in _within((task.source, task.fewshot)))
    return list(dict.fromkeys(splits))


def _within(part: object) -> Iterator[Hub]:
    """Find the splits in a source that may be made of others, without what it does to their rows."""
    if isinstance(part, Hub):
        yield Hub(part.id, part.config, split=part.split, revision=part.revision)
    elif isinstance(part, tuple | list):
        for member in part:
            yield from _within(member)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _within(getattr(part, field.name))
