"""Means over tasks: macro, micro and weighted, nested ones by multiplied weights.

The tasks are taken as fixed: the standard error speaks of other questions, not of other tasks.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.errors import EmptyScores, StatisticsError
from assay.stats.clusters import effective_clusters, hashable
from assay.stats.domain import fraction, non_negative
from assay.stats.estimates import Estimate, Influenced, estimate, mean, standard_error, t_interval
from assay.stats.scores import Array, finite_scores

FEW_TASKS = 5
"""From so many tasks on, their spread says something about other tasks."""


@dataclass(frozen=True)
class TaskValues:
    """One number per question of a task, a score or a difference, with clusters that may cross tasks."""

    values: ArrayLike | Influenced
    """Of which the task's score is the mean, or the score itself with the influence of each question."""
    weight: float = 1.0
    cluster: Sequence[Hashable] | NDArray[np.generic] | None = None

    @property
    def influenced(self) -> Influenced:
        """The task's score."""
        return self.values if isinstance(self.values, Influenced) else mean(self.values)

    @property
    def clusters(self) -> list[Hashable] | None:
        """The cluster of each question; None where none has one. Raises StatisticsError."""
        if self.cluster is None:
            return None
        names = hashable(self.cluster)
        return names if any(name is not None for name in names) else None


@dataclass(frozen=True)
class Branch:
    """A suite of tasks and suites, each with its weight among its siblings."""

    children: "Mapping[str, float | Branch]"
    """Weights of tasks, or suites."""
    weight: float = 1.0


def nested_weights(suite: Branch) -> dict[str, float]:
    """Return the weight of each task in a tree of suites: shares multiplied down, adding up to one."""
    shares = _shares({name: _weight(child) for name, child in suite.children.items()})
    weights: dict[str, float] = {}
    for name, child in suite.children.items():
        below = nested_weights(child) if isinstance(child, Branch) else {name: 1.0}
        for task, part in below.items():
            weights[task] = weights.get(task, 0.0) + shares[name] * part
    return weights


def macro(tasks: Mapping[str, TaskValues], *, level: float = 0.95) -> Estimate:
    """Return the weighted mean of the tasks' scores: sum w_t s_t with weights that add up to one.

    Independent tasks: SE^2 = sum w_t^2 SE_t^2 with the degrees of freedom of Satterthwaite (1946). Where a
    cluster crosses tasks, influence values w_t psi_i are summed over each cluster of all tasks (CR1), with
    the degrees of freedom of as many clusters as their sizes are worth (Carter et al. 2017).
    """
    fraction(level, name="level")
    weights = _shares({name: task.weight for name, task in tasks.items()})
    scores = {name: task.influenced for name, task in tasks.items()}
    value = sum(weights[name] * score.value for name, score in scores.items())
    if _crossing(tasks):
        return _across(tasks, scores, weights, value, level=level)
    estimates = {name: estimate(scores[name], cluster=task.clusters) for name, task in tasks.items()}
    n, groups = sum(score.n for score in estimates.values()), _groups(estimates)
    without = [name for name, score in estimates.items() if score.se is None]
    if without:
        reason = f"no standard error of {', '.join(without)}"
        return Estimate(value, level=level, n=n, n_clusters=groups, method="macro", undefined=reason)
    parts = {name: (weights[name] * (score.se or 0.0)) ** 2 for name, score in estimates.items()}
    variance = sum(parts.values())
    # Relative to the variance, whose square would leave the range of floats for tiny differences.
    spread = (
        sum((part / variance) ** 2 / (estimates[name].df or math.inf) for name, part in parts.items())
        if (variance > 0)
        else 0.0
    )
    df = 1 / spread if spread > 0 else math.inf
    return t_interval(
        value, se=math.sqrt(variance), df=df, n=n, n_clusters=groups, level=level, method="macro"
    )


def micro(tasks: Mapping[str, TaskValues], *, level: float = 0.95) -> Estimate:
    """Return the mean over all questions of all tasks, each question counting the same."""
    if not tasks:
        raise EmptyScores("The suite has no task.", remedy="Add one.")
    values = []
    for task in tasks.values():
        if isinstance(task.values, Influenced):
            raise StatisticsError(
                "A mean over all questions needs their scores.", remedy="Give them as values."
            )
        values.append(finite_scores(task.values))
    clusters = _joined(tasks) if any(task.clusters is not None for task in tasks.values()) else None
    return estimate(mean(np.concatenate(values)), cluster=clusters, level=level)


def between_tasks_error(means: ArrayLike) -> float | None:
    """Return the standard error for other tasks than these: sd of the means / sqrt(T); None below 5."""
    values = finite_scores(means)
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) >= FEW_TASKS else None


def _weight(child: float | Branch) -> float:
    return child.weight if isinstance(child, Branch) else child


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Scale weights so that they add up to one."""
    if not weights:
        raise EmptyScores("The suite has no task.", remedy="Add one.")
    total = sum(non_negative(weight, name=f"the weight of {name!r}") for name, weight in weights.items())
    if total <= 0:
        raise StatisticsError("The weights of a suite add up to zero.", remedy="Correct the suite.")
    return {name: weight / total for name, weight in weights.items()}


def _crossing(tasks: Mapping[str, TaskValues]) -> bool:
    """Whether a cluster has questions of two tasks."""
    seen: set[Hashable] = set()
    for task in tasks.values():
        own = {cluster for cluster in task.clusters or () if cluster is not None}
        if own & seen:
            return True
        seen |= own
    return False


def _joined(tasks: Mapping[str, TaskValues]) -> list[Hashable]:
    """List the cluster of every question of all tasks; one without is a cluster of its own."""
    joined: list[Hashable] = []
    for name, task in tasks.items():
        size = len(task.influenced.influence)
        own = task.clusters if task.clusters is not None else [None] * size
        joined += [(name, position) if cluster is None else cluster for position, cluster in enumerate(own)]
    return joined


def _across(
    tasks: Mapping[str, TaskValues],
    scores: Mapping[str, Influenced],
    weights: Mapping[str, float],
    value: float,
    *,
    level: float,
) -> Estimate:
    influence = np.concatenate([weights[name] * score.influence for name, score in scores.items()])
    clusters = _joined(tasks)
    error = standard_error(influence, cluster=clusters, correction="CR1")
    return t_interval(
        value,
        se=error.se,
        df=min(float(error.df), max(1.0, effective_clusters(_cluster_shares(scores, weights, clusters)) - 1)),
        n=len(influence),
        n_clusters=error.groups,
        level=level,
        method="macro, clusters across tasks",
    )


def _cluster_shares(
    scores: Mapping[str, Influenced], weights: Mapping[str, float], clusters: Sequence[Hashable]
) -> Array:
    """Return the share of each cluster in the mean over tasks."""
    leverage = np.concatenate(
        [
            weights[name]
            * (np.full(len(s.influence), 1 / len(s.influence)) if s.leverage is None else s.leverage)
            for name, s in scores.items()
        ]
    )
    totals: dict[Hashable, float] = {}
    for cluster, part in zip(clusters, leverage.tolist(), strict=True):
        totals[cluster] = totals.get(cluster, 0.0) + part
    return np.array(list(totals.values()))


def _groups(estimates: Mapping[str, Estimate]) -> int | None:
    counts = [score.n_clusters for score in estimates.values() if score.n_clusters is not None]
    return sum(counts) if counts else None
