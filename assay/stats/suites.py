"""Means over tasks: macro, micro and weighted, nested ones by multiplied weights.

The tasks are taken as fixed: the standard error speaks of other questions, not of other tasks.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, StatisticsError
from assay.stats.detectable import detectable
from assay.stats.estimate import (
    Estimate,
    Influenced,
    estimate,
    mean,
    standard_error,
    t_interval,
    two_sided_p,
)
from assay.stats.paired import Paired, paired
from assay.stats.scores import Array, finite_scores

FEW_TASKS = 5
"""From so many tasks on, their spread says something about other tasks."""


@dataclass(frozen=True)
class TaskScores:
    """One number per question of a task, a score or a difference, with clusters that may cross tasks."""

    values: ArrayLike
    weight: float = 1.0
    cluster: Sequence[Hashable] | None = None


@dataclass(frozen=True)
class Branch:
    """A suite of tasks and suites, each with its weight among its siblings."""

    children: "Mapping[str, float | Branch]"
    """Weights of tasks, or suites."""
    weight: float = 1.0


@dataclass(frozen=True)
class SuiteDelta:
    """The paired difference of a suite, the one primary test, with that of each task."""

    estimate: Estimate
    p: float | None
    """Of the t test on the suite's difference."""
    mde: float | None
    tasks: Mapping[str, Paired]
    between_tasks: float | None
    """Standard error of a claim about other tasks than these; None below five tasks."""

    @property
    def delta(self) -> float | None:
        """B - A."""
        return self.estimate.value


def nested_weights(suite: Branch) -> dict[str, float]:
    """Return the weight of each task in a tree of suites: shares multiplied down, adding up to one."""
    total = sum(_weight(child) for child in suite.children.values())
    if total <= 0 or any(_weight(child) < 0 for child in suite.children.values()):
        raise StatisticsError("The weights of a suite must be positive.", remedy="Correct the suite.")
    weights: dict[str, float] = {}
    for name, child in suite.children.items():
        share = _weight(child) / total
        below = nested_weights(child) if isinstance(child, Branch) else {name: 1.0}
        for task, part in below.items():
            weights[task] = weights.get(task, 0.0) + share * part
    return weights


def suite_delta(
    a: Mapping[str, ArrayLike],
    b: Mapping[str, ArrayLike],
    *,
    weights: Mapping[str, float] | None = None,
    clusters: Mapping[str, Sequence[Hashable] | None] | None = None,
    level: float = 0.95,
    alpha: float = 0.05,
    power: float = 0.8,
) -> SuiteDelta:
    """Compare two runs of a suite: the weighted mean of the tasks' paired differences (`macro`).

    `a` and `b` map each task to one score per question, in the same order. A task that only one side has
    raises StatisticsError; compare the common ones on purpose, and say so.
    """
    if lacking := sorted(a.keys() ^ b.keys()):
        raise StatisticsError(
            "Some tasks are in one run only", ids=lacking, remedy="Run them, or compare the common tasks."
        )
    weighing, grouping = weights or dict.fromkeys(a, 1.0), clusters or {}
    if unknown := sorted(weighing.keys() ^ a.keys()):
        raise StatisticsError("Weights and tasks differ", ids=unknown, remedy="Weigh each task once.")
    tasks = {
        name: paired(a[name], b[name], cluster=grouping.get(name), level=level, alpha=alpha, power=power)
        for name in a
    }
    found = macro(
        {name: TaskScores(one.values, weighing[name], grouping.get(name)) for name, one in tasks.items()},
        level=level,
    )
    return SuiteDelta(
        estimate=found,
        p=two_sided_p(found),
        mde=detectable(found, alpha=alpha, power=power),
        tasks=tasks,
        between_tasks=between_tasks_error([float(one.values.mean()) for one in tasks.values()]),
    )


def macro(tasks: Mapping[str, TaskScores], *, level: float = 0.95) -> Estimate:
    """Return the weighted mean of the tasks' means: sum w_t ybar_t with weights that add up to one.

    Independent tasks: SE^2 = sum w_t^2 SE_t^2 with Welch and Satterthwaite's degrees of freedom. Where a
    cluster crosses tasks, influence values w_t (y_i - ybar_t)/n_t are summed over each cluster of all
    tasks (CR1).
    """
    weights = _weights(tasks)
    values = {name: finite_scores(task.values) for name, task in tasks.items()}
    value = sum(weights[name] * float(some.mean()) for name, some in values.items())
    if _crossing(tasks):
        return _across(tasks, values, weights, value, level=level)
    found = {name: estimate(mean(values[name]), cluster=task.cluster) for name, task in tasks.items()}
    n, groups = sum(len(v) for v in values.values()), _groups(found)
    unknown = [name for name, one in found.items() if one.se is None]
    if unknown:
        why = f"no standard error of {', '.join(unknown)}"
        return Estimate(value, level=level, n=n, n_clusters=groups, method="macro", undefined=why)
    parts = {name: (weights[name] * (one.se or 0.0)) ** 2 for name, one in found.items()}
    variance = sum(parts.values())
    spread = sum(part**2 / (found[name].df or math.inf) for name, part in parts.items())
    freedom = variance**2 / spread if spread > 0 else math.inf
    return t_interval(
        value, se=math.sqrt(variance), df=freedom, n=n, n_clusters=groups, level=level, method="macro"
    )


def micro(tasks: Mapping[str, TaskScores], *, level: float = 0.95) -> Estimate:
    """Return the mean over all questions of all tasks, each question counting the same."""
    if not tasks:
        raise EmptyScores("The suite has no task.", remedy="Add one.")
    values = np.concatenate([finite_scores(task.values) for task in tasks.values()])
    clusters = _joined(tasks) if any(task.cluster is not None for task in tasks.values()) else None
    return estimate(mean(values), cluster=clusters, level=level)


def between_tasks_error(means: ArrayLike) -> float | None:
    """Return the standard error for other tasks than these: sd of the means / sqrt(T); None below 5."""
    values = finite_scores(means)
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) >= FEW_TASKS else None


def _weight(child: float | Branch) -> float:
    return child.weight if isinstance(child, Branch) else child


def _weights(tasks: Mapping[str, TaskScores]) -> dict[str, float]:
    if not tasks:
        raise EmptyScores("The suite has no task.", remedy="Add one.")
    total = sum(task.weight for task in tasks.values())
    if total <= 0 or any(task.weight < 0 for task in tasks.values()):
        raise StatisticsError("The weights of a suite must be positive.", remedy="Correct the suite.")
    return {name: task.weight / total for name, task in tasks.items()}


def _crossing(tasks: Mapping[str, TaskScores]) -> bool:
    seen: set[Hashable] = set()
    for task in tasks.values():
        own = {cluster for cluster in task.cluster or () if cluster is not None}
        if own & seen:
            return True
        seen |= own
    return False


def _joined(tasks: Mapping[str, TaskScores]) -> list[Hashable]:
    """List the cluster of every question of all tasks; one without is a cluster of its own."""
    joined: list[Hashable] = []
    for name, task in tasks.items():
        count = np.size(task.values)
        own = task.cluster if task.cluster is not None else [None] * count
        joined += [(name, place) if cluster is None else cluster for place, cluster in enumerate(own)]
    return joined


def _across(
    tasks: Mapping[str, TaskScores],
    values: Mapping[str, Array],
    weights: Mapping[str, float],
    value: float,
    *,
    level: float,
) -> Estimate:
    influence = np.concatenate(
        [weights[name] * (some - some.mean()) / len(some) for name, some in values.items()]
    )
    found = Influenced(value, influence)
    spread = standard_error(found.influence, cluster=_joined(tasks), correction="CR1")
    return t_interval(
        value,
        se=spread.se,
        df=spread.df,
        n=len(influence),
        n_clusters=spread.groups,
        level=level,
        method="macro, clusters across tasks",
    )


def _groups(found: Mapping[str, Estimate]) -> int | None:
    counts = [one.n_clusters for one in found.values() if one.n_clusters is not None]
    return sum(counts) if counts else None
