"""Task specs: `task[:variant...]`, and suites spelled out into tasks."""

from collections.abc import Mapping
from typing import NamedTuple

from assay.errors import BadSpec, UnknownName
from tasks_lib.options import apply_options
from tasks_lib.registry import build_suite, build_task, suite_names, task_names, vary
from tasks_lib.task import Task


class Member(NamedTuple):
    """One task of what was asked for."""

    spec: str
    weight: float = 1.0


def resolve_task(spec: str, options: Mapping[str, str]) -> Task:
    """Build a task from `task[:variant...]` and its options; raises UnknownName and BadSpec."""
    name, *variants = spec.split(":")
    if not name or not all(variants):
        raise BadSpec(
            f"The task spec {spec!r} has an empty part.", remedy="Write task:variant, like gsm8k:5shot."
        )
    task = build_task(name)
    for variant in variants:
        task = vary(task, variant)
    return apply_options(task, options)


def expand(spec: str) -> list[Member]:
    """Spell out a task spec or a suite into tasks with their weights; raises UnknownName and BadSpec.

    The variants of a suite apply to each of its tasks: `core:0shot`. A task that several parts of a suite
    hold stands once, with the sum of its weights.
    """
    weights: dict[str, float] = {}
    for member in _expanded(spec, above=()):
        weights[member.spec] = weights.get(member.spec, 0.0) + member.weight
    return [Member(task, weight) for task, weight in weights.items()]


def _expanded(spec: str, *, above: tuple[str, ...]) -> list[Member]:
    name, colon, variants = spec.partition(":")
    if name in above:
        raise BadSpec(
            f"The suite {name!r} contains itself: {' > '.join([*above, name])}.",
            remedy="Take it out of one of these.",
        )
    suite = build_suite(name)
    if suite is None:
        if name not in task_names():
            raise UnknownName("task or suite", name, [*task_names(), *suite_names()])
        return [Member(spec)]
    total = sum(suite.members.values())
    return [
        Member(inner.spec + colon + variants, inner.weight * weight / total)
        for member, weight in suite.members.items()
        for inner in _expanded(member, above=(*above, name))
    ]
