"""The scores of a run become one number for each metric, with its uncertainty, and counts by status."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assay.errors import NotEnoughSamples
from assay.records import Counts, MetricSummary, Question, Score, Status
from assay.stats.estimates import Estimate, estimate, ratio
from assay.stats.intervals import score_interval, without_width
from assay.stats.power import detectable
from assay.stats.reduction import reduce_samples
from assay.stats.samples import sampled_score
from assay.stats.scores import Array
from tasks_lib.scoring import UNCLOSED
from tasks_lib.task import Metric, Task

Ints: TypeAlias = NDArray[np.int64]

NOTHING_SCORED = "no sample has a score"


class Column:
    """The scores of one metric as numbers, some thirty bytes for each."""

    def __init__(self, places: dict[str, int]) -> None:
        self._places = places
        self._question = array("q")
        self._value = array("d")
        self._weight = array("d")
        self.ended: Counter[Status] = Counter()
        self.unclosed = 0
        """Samples, of the unparsed, whose thought never ended."""

    def add(self, score: Score) -> None:
        """Note a score; a question is known by the order in which it first came."""
        self._question.append(self._places.setdefault(score.question_id, len(self._places)))
        self._value.append(math.nan if score.value is None else score.value)
        self._weight.append(score.weight)
        self.ended[score.status] += 1
        self.unclosed += score.explanation == UNCLOSED

    def values(self, *, failed: float | None = None) -> "Values":
        """Gather the values question by question; those of failed samples are `failed`, or left out."""
        question, value, weight = (np.array(one) for one in (self._question, self._value, self._weight))
        if failed is not None:
            value = np.where(np.isnan(value), failed, value)
        there = np.flatnonzero(~np.isnan(value))
        order = there[np.argsort(question[there], kind="stable")]
        place, start = np.unique(question[order], return_index=True)
        return Values(place, start, value[order], weight[order])

    def __len__(self) -> int:
        return len(self._value)


class Values(NamedTuple):
    """The values of one metric, those of a question side by side; questions without any are left out."""

    question: Ints
    start: Ints
    """Where the values of each question begin."""
    value: Array
    weight: Array

    def split(self) -> list[Array]:
        """Return the values of each question."""
        return np.split(self.value, self.start[1:])

    def totals(self, numbers: Array) -> Array:
        """Add up one number for each value over the values of each question."""
        return np.add.reduceat(numbers, self.start)

    @property
    def counts(self) -> Ints:
        """How many values each question has."""
        return np.diff(self.start, append=len(self.value))


def columns(scores: Iterable[Score]) -> tuple[dict[str, Column], Sequence[str]]:
    """Turn scores into a column for each metric, and the ids of the questions that these number."""
    places: dict[str, int] = {}
    found: dict[str, Column] = {}
    for score in scores:
        if score.metric not in found:
            found[score.metric] = Column(places)
        found[score.metric].add(score)
    return found, list(places)


def summarise(
    task: Task, questions: Iterable[Question], scores: Iterable[Score], *, expected: int
) -> tuple[dict[str, MetricSummary], Counts]:
    """Summarise every metric, and count the samples by how they ended."""
    found, ids = columns(scores)
    named = {q.id: q.cluster for q in questions if q.cluster is not None}
    clusters = [named.get(id_) for id_ in ids] if named else None
    none = Column({})
    summaries = {
        metric.name: summarise_metric(
            metric, found.get(metric.name, none), clusters=clusters, expected=expected
        ).model_copy(update={"margin": task.margin})
        for metric in task.metrics
    }
    return summaries, count(found.get(task.headline.name, none), expected=expected)


def count(column: Column, *, expected: int) -> Counts:
    """Count by status; a sample without any score has failed."""
    ended = column.ended
    return Counts(
        expected=expected,
        scored=ended["scored"],
        truncated=ended["truncated"],
        unparsed=ended["unparsed"],
        failed=ended["failed"] + expected - len(column),
        skipped=ended["skipped"],
        unclosed=column.unclosed,
    )


def summarise_metric(
    metric: Metric, column: Column, *, clusters: Sequence[str | None] | None, expected: int
) -> MetricSummary:
    """Estimate one metric over the questions that have a value; `clusters` names that of each question."""
    empty = MetricSummary(
        value=None,
        n=0,
        undefined=NOTHING_SCORED,
        lower_is_better=metric.lower_is_better,
        unit="rate" if metric.high == 1.0 else "number",
        reduction=metric.reduction,
        k=metric.k,
    )
    values = column.values()
    if not len(values.value):
        return empty
    cluster = None if clusters is None else [clusters[place] for place in values.question]
    try:
        found = _estimate(metric, values, cluster=cluster)
    except NotEnoughSamples as error:
        return empty.model_copy(update={"n": len(values.start), "undefined": str(error)})
    bounds = _bounds(metric, column, expected=expected)
    return empty.model_copy(update=_fields(found, range_=_range(metric, values)) | bounds)


def _fields(found: Estimate, *, range_: tuple[float, float] | None) -> dict[str, object]:
    effect = detectable(found, largest=None if range_ is None else range_[1] - range_[0])
    return {
        "value": found.value,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "level": found.level,
        "mde": effect.value,
        "n": found.n,
        "clusters": found.n_clusters,
        "df": found.df,
        "method": found.method,
        "undefined": found.undefined or effect.undefined,
    }


def per_question(metric: Metric, values: Values) -> Array:
    """Reduce each question's samples to one number; raises NotEnoughSamples."""
    return reduce_samples(values.value, counts=values.counts, reduction=metric.reduction, k=metric.k)


def _range(metric: Metric, values: Values) -> tuple[float, float] | None:
    """Return the range of the metric's scores; None where it has none, or a score lies outside."""
    if metric.low is None or metric.high is None or not metric.low < metric.high:
        return None
    inside = metric.low <= values.value.min() and values.value.max() <= metric.high
    return (metric.low, metric.high) if inside else None


def _estimate(metric: Metric, values: Values, *, cluster: Sequence[str | None] | None) -> Estimate:
    numbers = per_question(metric, values)
    if metric.reduction == "ratio":
        weight = values.totals(values.weight) / values.counts
        return without_width(estimate(ratio(numbers * weight, denominator=weight), cluster=cluster))
    bounds = _range(metric, values)
    if metric.reduction == "mean" and len(values.start) < len(values.value):
        return sampled_score(values.split(), cluster=cluster, bounds=bounds).new_questions
    return score_interval(numbers, cluster=cluster, bounds=bounds)


def _bounds(metric: Metric, column: Column, *, expected: int) -> dict[str, float]:
    """Bound the number by the worst and best that failed samples could have scored."""
    values = column.values().value
    lost = expected - len(values)
    if not lost or metric.reduction == "ratio" or metric.low is None or metric.high is None:
        return {}
    if metric.reduction == "mean" or metric.k == 1:
        ends = [(float(values.sum()) + lost * end) / expected for end in (metric.low, metric.high)]
    elif len(column) == expected:
        ends = [
            float(per_question(metric, column.values(failed=end)).mean()) for end in (metric.low, metric.high)
        ]
    else:
        return {}
    worst, best = reversed(ends) if metric.lower_is_better else ends
    return {"worst": worst, "best": best}
