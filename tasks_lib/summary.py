"""The scores of a run become one number for each metric, with its uncertainty, and counts by status."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from assay.errors import NotEnoughSamples
from assay.records import Counts, MetricSummary, Question, Score
from assay.stats.detectable import detectable
from assay.stats.estimate import Estimate, Influenced, estimate, mean, ratio
from assay.stats.intervals import score_interval
from assay.stats.passing import pass_at_k, pass_hat_k
from assay.stats.samples import sampled_score
from tasks_lib.task import Metric, Task

NOTHING_SCORED = "no sample has a score"


class Values(NamedTuple):
    """The values of one metric, question by question; questions without any are left out."""

    ids: Sequence[str]
    values: Sequence[Sequence[float]]
    weights: Sequence[float]
    clusters: Sequence[str | None] | None


def summarise(
    task: Task, questions: Sequence[Question], scores: Sequence[Score], *, expected: int
) -> tuple[dict[str, MetricSummary], Counts]:
    """Summarise every metric, and count the samples by how they ended."""
    by_metric: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        by_metric[score.metric].append(score)
    clusters = {q.id: q.cluster for q in questions if q.cluster is not None}
    summaries = {
        metric.name: summarise_metric(
            metric, by_metric[metric.name], clusters=clusters, expected=expected
        ).model_copy(update={"margin": task.margin})
        for metric in task.metrics
    }
    return summaries, count(by_metric[task.headline.name], expected=expected)


def count(scores: Sequence[Score], *, expected: int) -> Counts:
    """Count by status; a sample without any score has failed."""
    found = Counter(score.status for score in scores)
    found["failed"] += expected - len(scores)
    return Counts(
        expected=expected,
        scored=found["scored"],
        truncated=found["truncated"],
        unparsed=found["unparsed"],
        failed=found["failed"],
        skipped=found["skipped"],
    )


def summarise_metric(
    metric: Metric, scores: Sequence[Score], *, clusters: Mapping[str, str], expected: int
) -> MetricSummary:
    """Estimate one metric over the questions that have a value."""
    empty = MetricSummary(
        value=None,
        n=0,
        undefined=NOTHING_SCORED,
        lower_is_better=metric.lower_is_better,
        unit="rate" if metric.high == 1.0 else "number",
        reduction=metric.reduction,
        k=metric.k,
    )
    grouped = group(scores, clusters=clusters)
    if not grouped.ids:
        return empty
    try:
        found = _estimate(metric, grouped)
    except NotEnoughSamples as error:
        return empty.model_copy(update={"n": len(grouped.ids), "undefined": str(error)})
    return empty.model_copy(update=_found(found) | _bounds(metric, scores, expected=expected))


def _found(found: Estimate) -> dict[str, object]:
    return {
        "value": found.value,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "level": found.level,
        "mde": detectable(found),
        "n": found.n,
        "clusters": found.n_clusters,
        "df": found.df,
        "method": found.method,
        "undefined": found.undefined,
    }


def group(scores: Sequence[Score], *, clusters: Mapping[str, str]) -> Values:
    """Collect the values of each question, in the order of the scores."""
    values: dict[str, list[float]] = defaultdict(list)
    weights: dict[str, float] = defaultdict(float)
    for score in scores:
        if score.value is not None:
            values[score.question_id].append(score.value)
            weights[score.question_id] += score.weight
    known = [clusters.get(id_) for id_ in values] if clusters else None
    return Values(list(values), list(values.values()), list(weights.values()), known)


def per_question(
    metric: Metric, values: Sequence[Sequence[float]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Reduce each question's samples to one number; raises NotEnoughSamples."""
    if metric.reduction in {"pass_at", "pass_hat"}:
        right = np.array([sum(v >= 1 for v in some) for some in values])
        drawn = np.array([len(some) for some in values])
        reduce = pass_at_k if metric.reduction == "pass_at" else pass_hat_k
        return reduce(right, n=drawn, k=metric.k)
    return np.array([float(np.mean(some)) for some in values])


def _estimate(metric: Metric, grouped: Values) -> Estimate:
    if metric.reduction == "ratio":
        weights = np.array(grouped.weights)
        found: Influenced = ratio(per_question(metric, grouped.values) * weights, denominator=weights)
        return estimate(found, cluster=grouped.clusters)
    single = all(len(some) == 1 for some in grouped.values)
    if metric.reduction == "mean" and not single:
        return sampled_score(grouped.values, cluster=grouped.clusters).new_questions
    values = per_question(metric, grouped.values)
    if single:
        return score_interval(values, cluster=grouped.clusters)
    return estimate(mean(values), cluster=grouped.clusters)


def _bounds(metric: Metric, scores: Sequence[Score], *, expected: int) -> dict[str, float]:
    """Bound the number by the worst and best that failed samples could have scored."""
    values = [score.value for score in scores if score.value is not None]
    lost = expected - len(values)
    if not lost or metric.reduction == "ratio" or metric.low is None or metric.high is None:
        return {}
    if metric.reduction == "mean" or metric.k == 1:
        ends = [(sum(values) + lost * end) / expected for end in (metric.low, metric.high)]
    elif len(scores) == expected:
        ends = [_if_failed(metric, scores, value=end) for end in (metric.low, metric.high)]
    else:
        return {}
    worst, best = reversed(ends) if metric.lower_is_better else ends
    return {"worst": worst, "best": best}


def _if_failed(metric: Metric, scores: Sequence[Score], *, value: float) -> float:
    """Average the questions as if each failed sample had scored `value`."""
    filled = [s.model_copy(update={"value": value}) if s.value is None else s for s in scores]
    return float(per_question(metric, group(filled, clusters={}).values).mean())
