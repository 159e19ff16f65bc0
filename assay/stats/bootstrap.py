"""Resampling questions, or clusters of them, for metrics that are no mean of the questions."""

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, MissingScores, StatisticsError
from assay.stats.clusters import Clusters, Codes, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.estimate import ONE_CLUSTER, TOO_FEW_QUESTIONS, ZERO_VARIANCE, Estimate
from assay.stats.scores import Array

Statistic: TypeAlias = Callable[[Array], float]
"""From the rows of some questions to their score; each row holds what the metric adds up."""
BootstrapKind: TypeAlias = Literal["BCa", "percentile"]


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
    1997). Meant for what is no mean; below 20 questions it is too narrow.
    """
    before, after = _rows(a), _rows(b)
    if len(before) != len(after):
        raise StatisticsError(
            f"A has {len(before)} rows and B has {len(after)}.", remedy="Align the two runs first."
        )
    codes = None if cluster is None else cluster_codes(cluster, missing=missing)
    groups = None if codes is None else int(codes.max()) + 1
    measure: Statistic = statistic or _mean
    value = measure(after) - measure(before)
    generator = np.random.default_rng(seed)
    chosen: BootstrapKind = kind if codes is None else "percentile"
    method = f"{'' if groups is None else 'cluster '}bootstrap, {chosen}, {resamples} resamples, seed {seed}"
    if len(before) < 2 or groups == 1:
        why = TOO_FEW_QUESTIONS if len(before) < 2 else ONE_CLUSTER
        return Estimate(value, level=level, n=len(before), n_clusters=groups, method=method, undefined=why)
    if codes is not None:
        drawn = (
            cluster_means(after - before, codes=codes, resamples=resamples, generator=generator)
            if statistic is None and before.ndim == 1
            else _drawn(before, after, measure, codes=codes, resamples=resamples, generator=generator)
        )
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    else:
        low, high, drawn = _by_question(
            before, after, measure, kind=kind, level=level, resamples=resamples, generator=generator
        )
    spread = float(np.std(drawn, ddof=1))
    known = spread > 1e-14 * abs(value) and math.isfinite(low) and math.isfinite(high)
    return Estimate(
        value,
        se=spread if known else 0.0,
        low=low if known else None,
        high=high if known else None,
        level=level,
        n=len(before),
        n_clusters=groups,
        method=method,
        undefined=None if known else ZERO_VARIANCE,
    )


def cluster_means(values: Array, *, codes: Codes, resamples: int, generator: np.random.Generator) -> Array:
    """Return means of clusters drawn with replacement: (counts @ sums)/(counts @ sizes)."""
    sums = cluster_sums(values, codes=codes)
    sizes = cluster_sums(np.ones_like(values), codes=codes)
    groups = len(sums)
    counts = generator.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    means: Array = (counts @ sums) / (counts @ sizes)
    return means


def _by_question(
    a: Array,
    b: Array,
    measure: Statistic,
    *,
    kind: BootstrapKind,
    level: float,
    resamples: int,
    generator: np.random.Generator,
) -> tuple[float, float, Array]:
    from scipy.stats import bootstrap  # noqa: PLC0415 - a second to import, for what is rarely asked

    plain = measure is _mean and a.ndim == 1
    data = (b - a,) if plain else (np.arange(len(a)),)

    def of_rows(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
        return measure(b[rows]) - measure(a[rows])

    with np.errstate(invalid="ignore", divide="ignore"):
        result = bootstrap(
            data,
            np.mean if plain else of_rows,
            vectorized=plain,
            confidence_level=level,
            n_resamples=resamples,
            method=kind,
            rng=generator,
        )
    ends = result.confidence_interval
    return float(ends.low), float(ends.high), result.bootstrap_distribution


def _drawn(
    a: Array,
    b: Array,
    measure: Statistic,
    *,
    codes: Codes,
    resamples: int,
    generator: np.random.Generator,
) -> Array:
    members = [np.flatnonzero(codes == group) for group in range(int(codes.max()) + 1)]
    found = np.empty(resamples)
    for at in range(resamples):
        rows = np.concatenate([members[unit] for unit in generator.integers(0, len(members), len(members))])
        found[at] = measure(b[rows]) - measure(a[rows])
    return found


def _mean(rows: Array) -> float:
    return float(rows.mean())


def _rows(scores: ArrayLike) -> Array:
    rows = np.asarray(scores, dtype=np.float64)
    if not rows.size:
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    if not np.all(np.isfinite(rows)):
        raise MissingScores("Some scores are missing or infinite.", remedy="Drop them or count them as zero.")
    return rows
