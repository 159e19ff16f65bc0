"""Resampling questions, or clusters of them, for metrics that are no mean of the questions."""

import math
import warnings
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import MissingScores, StatisticsError
from assay.stats.clusters import Clusters, Codes, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.domain import LARGEST, choice, count, fraction, same_length
from assay.stats.estimates import ONE_CLUSTER, TOO_FEW_QUESTIONS, ZERO_VARIANCE, Estimate, exactly_zero
from assay.stats.scores import Array, as_floats

Statistic: TypeAlias = Callable[[Array], float]
"""From the rows of some questions to their score; each row holds what the metric adds up."""
BootstrapKind: TypeAlias = Literal["BCa", "percentile"]


class _Drawn(NamedTuple):
    """The ends of an interval and the differences it rests on."""

    low: float
    high: float
    differences: Array


class _Plan(NamedTuple):
    """How to resample."""

    kind: BootstrapKind
    level: float
    resamples: int
    generator: np.random.Generator


def paired_bootstrap(
    a: ArrayLike,
    b: ArrayLike,
    *,
    statistic: Statistic | None = None,
    cluster: Clusters | None = None,
    missing: MissingClusterPolicy = "error",
    kind: BootstrapKind = "BCa",
    level: float = 0.95,
    resamples: int = 9999,
    seed: int = 0,
) -> Estimate:
    """Return statistic(B) - statistic(A), the mean by default, with a bootstrap interval.

    `a` and `b` hold one number or one row per question, and the same questions are drawn for both. The
    interval is BCa (Efron 1987) or percentile; over clusters it is always percentile (Davison and Hinkley
    1997). Meant for what is no mean; below 20 questions it is too narrow. An exception of `statistic` is
    not caught.
    """
    choice(kind, name="kind", among=("BCa", "percentile"))
    fraction(level, name="level")
    count(resamples, name="resamples", least=2, most=10**7)
    before, after = _rows(a), _rows(b)
    same_length(**{"rows of A": before, "rows of B": after})
    if before.shape != after.shape:
        raise StatisticsError("The rows of A and of B differ in width.", remedy="Give the same columns.")
    codes = cluster_codes(cluster, size=len(before), missing=missing)
    groups = None if codes is None else int(codes.max()) + 1
    measure: Statistic = statistic or _mean
    value = _finite(measure(after)) - _finite(measure(before))
    plan = _Plan(
        kind if codes is None else "percentile",
        level,
        resamples,
        np.random.default_rng(count(seed, name="seed")),
    )
    method = (
        f"{'' if groups is None else 'cluster '}bootstrap, {plan.kind}, {resamples} resamples, seed {seed}"
    )
    if len(before) < 2 or groups == 1:
        reason = TOO_FEW_QUESTIONS if len(before) < 2 else ONE_CLUSTER
        return Estimate(value, level=level, n=len(before), n_clusters=groups, method=method, undefined=reason)
    drawn = (
        _by_cluster(before, after, measure, codes=codes, plan=plan)
        if codes is not None
        else _by_question(before, after, measure, plan=plan)
    )
    spread = float(np.std(drawn.differences, ddof=1))
    defined = not exactly_zero(spread, scale=value) and math.isfinite(drawn.low) and math.isfinite(drawn.high)
    return Estimate(
        value,
        se=spread if defined else 0.0,
        low=drawn.low if defined else None,
        high=drawn.high if defined else None,
        level=level,
        n=len(before),
        n_clusters=groups,
        method=method,
        undefined=None if defined else ZERO_VARIANCE,
    )


def cluster_means(values: Array, *, codes: Codes, resamples: int, generator: np.random.Generator) -> Array:
    """Return means of clusters drawn with replacement: (counts @ sums)/(counts @ sizes)."""
    sums = cluster_sums(values, codes=codes)
    sizes = cluster_sums(np.ones_like(values), codes=codes)
    groups = len(sums)
    counts = generator.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    means: Array = (counts @ sums) / (counts @ sizes)
    return means


def _by_question(a: Array, b: Array, measure: Statistic, *, plan: _Plan) -> _Drawn:
    # scipy.stats takes a second to import, and few comparisons need it.
    from scipy.stats import DegenerateDataWarning, bootstrap  # noqa: PLC0415

    plain = measure is _mean and a.ndim == 1
    data = (b - a,) if plain else (np.arange(len(a)),)

    def of_rows(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
        return _finite(measure(b[rows])) - _finite(measure(a[rows]))

    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        # Where nothing varies the ends are NaN, and `undefined` says so.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        result = bootstrap(
            data,
            np.mean if plain else of_rows,
            vectorized=plain,
            confidence_level=plan.level,
            n_resamples=plan.resamples,
            method=plan.kind,
            rng=plan.generator,
        )
    ends = result.confidence_interval
    return _Drawn(float(ends.low), float(ends.high), result.bootstrap_distribution)


def _by_cluster(a: Array, b: Array, measure: Statistic, *, codes: Codes, plan: _Plan) -> _Drawn:
    if measure is _mean and a.ndim == 1:
        differences = cluster_means(b - a, codes=codes, resamples=plan.resamples, generator=plan.generator)
    else:
        differences = _drawn_clusters(a, b, measure, codes=codes, plan=plan)
    tail = (1 - plan.level) / 2
    low, high = np.quantile(differences, [tail, 1 - tail]).tolist()
    return _Drawn(low, high, differences)


def _drawn_clusters(a: Array, b: Array, measure: Statistic, *, codes: Codes, plan: _Plan) -> Array:
    members = [np.flatnonzero(codes == group) for group in range(int(codes.max()) + 1)]
    differences = np.empty(plan.resamples)
    for draw in range(plan.resamples):
        rows = np.concatenate(
            [members[unit] for unit in plan.generator.integers(0, len(members), len(members))]
        )
        differences[draw] = _finite(measure(b[rows])) - _finite(measure(a[rows]))
    return differences


def _mean(rows: Array) -> float:
    return float(rows.mean())


def _finite(score: float) -> float:
    if not math.isfinite(score):
        raise StatisticsError(
            "The statistic of some questions is not a finite number.", remedy="Define it for every draw."
        )
    return float(score)


def _rows(scores: ArrayLike) -> Array:
    rows = as_floats(scores)
    if rows.ndim not in {1, 2}:
        raise StatisticsError(f"The scores have {rows.ndim} dimensions.", remedy="Give one row per question.")
    if not np.all(np.isfinite(rows)) or np.abs(rows).max() > LARGEST:
        raise MissingScores("Some scores are missing or infinite.", remedy="Drop them or count them as zero.")
    return rows
