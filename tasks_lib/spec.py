"""Task specs: `task[:variant...]`, and suites spelled out into tasks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from assay.errors import BadSpec, UnknownName
from tasks_lib.options import apply_options
from tasks_lib.registry import DIALECTS, build_suite, build_task, is_task, suite_names, task_names, vary
from tasks_lib.suites.suite import Aggregate
from tasks_lib.task import Task


class Member(NamedTuple):
    """One task of what was asked for."""

    spec: str
    weight: float = 1.0


class Node(NamedTuple):
    """A task, or a suite with its members, and its share among its siblings."""

    spec: str
    weight: float = 1.0
    aggregate: Aggregate | None = None
    """None for a task."""
    members: Sequence["Node"] = ()
    absent: Mapping[str, str] = {}
    """Members of a suite that cannot be run here, and why."""


def resolve_task(spec: str, options: Mapping[str, str]) -> Task:
    """Build a task from `task[:variant...]` and its options; raises UnknownName and BadSpec.

    Variants apply from left to right, a dialect before the others: it says what they change, so that
    `piqa:mc:olmes` and `piqa:olmes:mc` ask the same.
    """
    name, *variants = spec.split(":")
    if not name or not all(variants):
        raise BadSpec(
            f"The task spec {spec!r} has an empty part.", remedy="Write task:variant, like gsm8k:5shot."
        )
    task = build_task(name)
    bare = task.name
    for variant in sorted(variants, key=lambda variant: variant not in DIALECTS):
        task = vary(task, variant)
    return apply_options(task.with_(name=":".join([bare, *variants])), options)


def expand(spec: str) -> list[Member]:
    """Spell out a task spec or a suite into tasks with their weights; raises UnknownName and BadSpec.

    The variants of a suite apply to each of its tasks: `core:0shot`. A task that several parts of a suite
    hold stands once, with the sum of its weights.
    """
    weights: dict[str, float] = {}
    for member in _tasks(tree(spec), share=1.0):
        weights[member.spec] = weights.get(member.spec, 0.0) + member.weight
    return [Member(task, weight) for task, weight in weights.items()]


def is_known(spec: str) -> bool:
    """Whether a spec begins with the name of a task or of a suite; its variants are not looked at."""
    try:
        tree(spec)
    except UnknownName:
        return False
    return True


def tree(spec: str) -> Node:
    """Return a task or suite with all that is below it; raises UnknownName and BadSpec."""
    return _node(spec, weight=1.0, above=())


def _tasks(node: Node, *, share: float) -> Iterator[Member]:
    if node.aggregate is None:
        yield Member(node.spec, share)
    for member in node.members:
        yield from _tasks(member, share=share * member.weight)


def _node(spec: str, *, weight: float, above: tuple[str, ...]) -> Node:
    name, variants = _suite_of(spec)
    if name in above:
        raise BadSpec(
            f"The suite {name!r} contains itself: {' > '.join([*above, name])}.",
            remedy="Take it out of one of these.",
        )
    suite = build_suite(name)
    if suite is None:
        bare = spec.partition(":")[0]
        if not is_task(bare):
            raise UnknownName("task or suite", spec if ":" in spec else bare, [*task_names(), *suite_names()])
        return Node(spec, weight)
    total = sum(suite.members.values())
    members = tuple(
        _node(":".join([member, *variants]), weight=part / total, above=(*above, name))
        for member, part in suite.members.items()
    )
    return Node(spec, weight, suite.aggregate, members, suite.absent)


def _suite_of(spec: str) -> tuple[str, Sequence[str]]:
    """Split a spec into the longest name of a suite that it begins with, and variants; the name may be ''."""
    parts = spec.split(":")
    for end in range(len(parts), 0, -1):
        if build_suite(":".join(parts[:end])) is not None:
            return ":".join(parts[:end]), parts[end:]
    return "", ()
