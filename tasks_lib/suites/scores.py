"""The number of a suite, from those of its tasks: a missing task makes it undefined, never smaller."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tasks_lib.spec import Node, tree

SHOWN = 5


class TaskScore(NamedTuple):
    """What a run gives of a task: the headline metric, its standard error and its questions."""

    value: float | None
    se: float | None = None
    questions: int = 1
    lower_is_better: bool = False
    unit: str = "rate"


class SuiteScore(NamedTuple):
    """The number of a suite or task, with what it was made of."""

    spec: str
    value: float | None
    se: float | None = None
    """Of other questions, not of other tasks; of the better form where one was chosen."""
    lower_is_better: bool = False
    unit: str = "rate"
    undefined: str = ""
    members: Sequence["SuiteScore"] = ()


def suite_score(spec: str, scores: Mapping[str, TaskScore]) -> SuiteScore:
    """Score a suite from the scores of its tasks by their specs; raises UnknownName and BadSpec."""
    return _scored(tree(spec), scores)


def _scored(node: Node, scores: Mapping[str, TaskScore]) -> SuiteScore:
    if node.aggregate is None:
        return _task(node.spec, scores)
    members = [_scored(member, scores) for member in node.members]
    tasks = list(_below(node))
    score = SuiteScore(node.spec, None, members=members)
    if undefined := _undefined(node, members, tasks, scores):
        return score._replace(undefined=undefined)
    lower, unit = scores[tasks[0]].lower_is_better, scores[tasks[0]].unit
    match node.aggregate:
        case "best":
            parts = [(1.0, (min if lower else max)(members, key=lambda member: member.value or 0.0))]
        case "flat":
            parts = [(1 / len(tasks), _task(task, scores)) for task in tasks]
        case "questions":
            total = sum(scores[task].questions for task in tasks)
            parts = [(scores[task].questions / total, _task(task, scores)) for task in tasks]
        case _:
            parts = [(below.weight, member) for below, member in zip(node.members, members, strict=True)]
    value, se = _mean(parts)
    return score._replace(value=value, se=se, lower_is_better=lower, unit=unit)


def _undefined(
    node: Node, members: Sequence[SuiteScore], tasks: Sequence[str], scores: Mapping[str, TaskScore]
) -> str:
    """Say why a suite has no number; '' where it has one."""
    if node.aggregate == "none":
        return "its members stand for themselves"
    if node.absent:
        return f"it has members that cannot be run here: {', '.join(node.absent)}"
    if lacking := [task for task in tasks if task not in scores or scores[task].value is None]:
        return _lacking(lacking)
    if without := [member for member in members if member.value is None]:
        return f"{without[0].spec} has no number: {without[0].undefined}"
    if len({(scores[task].unit, scores[task].lower_is_better) for task in tasks}) > 1:
        return "its tasks are measured in different units"
    return ""


def _mean(parts: Sequence[tuple[float, SuiteScore]]) -> tuple[float, float | None]:
    """Weigh values; the standard error is that of independent tasks, None where one has none."""
    value = math.fsum(weight * (part.value or 0.0) for weight, part in parts)
    errors = [(weight, part.se) for weight, part in parts if part.se is not None]
    if len(errors) < len(parts):
        return value, None
    return value, math.sqrt(math.fsum((weight * se) ** 2 for weight, se in errors))


def _task(spec: str, scores: Mapping[str, TaskScore]) -> SuiteScore:
    score = scores.get(spec)
    if score is None or score.value is None:
        return SuiteScore(spec, None, undefined="it has no score")
    return SuiteScore(spec, score.value, score.se, score.lower_is_better, score.unit)


def _below(node: Node) -> Iterator[str]:
    if node.aggregate is None:
        yield node.spec
    for member in node.members:
        yield from _below(member)


def _lacking(specs: Sequence[str]) -> str:
    named = ", ".join(specs[:SHOWN])
    more = f" and {len(specs) - SHOWN} more" if len(specs) > SHOWN else ""
    return f"without a score: {named}{more}"
