"""Two systems on the same questions: the difference, its interval and its tests.

Right-or-wrong scores of independent questions get Tango's interval and McNemar's mid-p; all others, also
clustered ones and means of several samples, Student's t with the sign-flip test as a second opinion.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import StatisticsError
from assay.stats.clusters import Clusters, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.detectable import detectable
from assay.stats.discordant import (
    Discordance,
    discordance,
    mcnemar_exact,
    mcnemar_midp,
    probability_better,
    tango,
)
from assay.stats.estimate import Correction, Estimate, estimate, mean, two_sided_p
from assay.stats.intervals import is_binary
from assay.stats.scores import Array, finite_scores

EXACT_PATTERNS = 1 << 14
"""Sign patterns that are enumerated; above, so many are drawn."""
SEED = 20240901


@dataclass(frozen=True)
class SignFlip:
    """The p-values of a sign-flip test."""

    p: float
    """Two-sided."""
    p_greater: float
    """For B being better."""
    patterns: int
    """How many sign patterns were looked at."""
    exact: bool


@dataclass(frozen=True)
class Paired:
    """The paired difference B - A with everything needed to judge it."""

    estimate: Estimate
    p: float | None
    """McNemar mid-p for independent right-or-wrong scores, else of the t test."""
    p_second: float | None
    """The second opinion: exact McNemar, or the sign-flip test."""
    test: str
    counts: Discordance
    binary: bool
    mde: float | None
    correlation: float | None
    gain: float | None
    """Standard error without pairing, divided by the one with it."""
    p_better: float | None
    """P(B better) under a flat prior; right-or-wrong scores only."""
    values: Array
    """The difference of each question."""


def paired(
    a: ArrayLike,
    b: ArrayLike,
    *,
    cluster: Clusters | None = None,
    level: float = 0.95,
    alpha: float = 0.05,
    power: float = 0.8,
    correction: Correction = "auto",
    missing: MissingClusterPolicy = "error",
    seed: int = SEED,
) -> Paired:
    """Compare one number per question of A and of B, in the same order; raises StatisticsError.

    Shapes: `a`, `b` and `cluster` are of length n. The standard error of the difference is that of the mean
    of b - a (paired t), CR1 or CR2 over clusters.
    """
    before, after = finite_scores(a), finite_scores(b)
    if len(before) != len(after):
        raise StatisticsError(
            f"A has {len(before)} scores and B has {len(after)}.", remedy="Align the two runs first."
        )
    difference = after - before
    codes = None if cluster is None else cluster_codes(cluster, missing=missing)
    found = estimate(mean(difference), cluster=codes, level=level, correction=correction)
    counts = discordance(before, after)
    binary = is_binary(before) and is_binary(after)
    if binary and codes is None:
        low, high = tango(counts, level=level)
        shown = replace(found, low=low, high=high, method="Tango")
        p: float | None = mcnemar_midp(counts.wins, counts.losses)
        second: float | None = mcnemar_exact(counts.wins, counts.losses)
        test = "McNemar mid-p"
    else:
        shown, p, test = found, two_sided_p(found), f"t({found.df:g})" if found.df else "t"
        second = sign_flip(difference, cluster=codes, seed=seed).p
    return Paired(
        estimate=shown,
        p=p,
        p_second=second,
        test=test,
        counts=counts,
        binary=binary,
        mde=detectable(found, alpha=alpha, power=power),
        correlation=correlation(before, after),
        gain=_gain(before, after, found, codes),
        p_better=probability_better(counts.wins, counts.losses) if binary else None,
        values=difference,
    )


def correlation(a: Array, b: Array) -> float | None:
    """Return Pearson's correlation; None where one side is constant."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def sign_flip(
    difference: ArrayLike,
    *,
    cluster: Clusters | None = None,
    resamples: int = EXACT_PATTERNS,
    seed: int = SEED,
) -> SignFlip:
    """Test that differences are as likely positive as negative, by flipping the signs of cluster sums.

    All patterns are enumerated where there are at most `resamples`; else p = (hits + 1)/(R + 1) of R drawn
    ones (Phipson and Smyth 2010). Zeros do not matter. Exact where A and B are exchangeable.
    """
    values = finite_scores(difference)
    codes = None if cluster is None else cluster_codes(cluster)
    sums = cluster_sums(values, codes=codes)
    moving = sums[sums != 0]
    seen = float(sums.sum())
    tolerance = 1e-9 * float(np.abs(sums).sum())
    exact = len(moving) <= math.log2(resamples)
    if exact:
        signs = 1 - 2 * ((np.arange(1 << len(moving))[:, None] >> np.arange(len(moving))) & 1)
        totals = signs @ moving
        return SignFlip(
            float(np.mean(np.abs(totals) >= abs(seen) - tolerance)),
            float(np.mean(totals >= seen - tolerance)),
            1 << len(sums) if len(sums) <= math.log2(resamples) else len(totals),
            exact=True,
        )
    totals = _drawn_totals(moving, resamples=resamples, seed=seed)
    hits = np.sum(np.abs(totals) >= abs(seen) - tolerance)
    greater = np.sum(totals >= seen - tolerance)
    return SignFlip(
        float((hits + 1) / (resamples + 1)), float((greater + 1) / (resamples + 1)), resamples, exact=False
    )


def paired_bootstrap(
    a: ArrayLike,
    b: ArrayLike,
    *,
    cluster: Clusters | None = None,
    level: float = 0.95,
    resamples: int = 9999,
    seed: int = 0,
) -> Estimate:
    """Return the difference with a bootstrap interval: BCa for independent questions, else percentile.

    Questions, or clusters of them, are drawn with replacement (Efron 1987; Davison and Hinkley 1997). Meant
    for what is no mean; the t interval is the default.
    """
    from scipy.stats import bootstrap  # noqa: PLC0415 - a second to import, for what is rarely asked

    difference = finite_scores(b) - finite_scores(a)
    codes = None if cluster is None else cluster_codes(cluster)
    generator = np.random.default_rng(seed)
    if codes is None:
        result = bootstrap(
            (difference,), np.mean, confidence_level=level, n_resamples=resamples, rng=generator, method="BCa"
        )
        low, high = float(result.confidence_interval.low), float(result.confidence_interval.high)
        drawn, method = result.bootstrap_distribution, f"bootstrap BCa, {resamples} resamples, seed {seed}"
    else:
        drawn = cluster_bootstrap(difference, codes=codes, resamples=resamples, generator=generator)
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
        method = f"cluster bootstrap, {resamples} resamples, seed {seed}"
    undefined = None if math.isfinite(low) and math.isfinite(high) else "all differences agree"
    return Estimate(
        float(difference.mean()),
        se=float(np.std(drawn, ddof=1)),
        low=None if undefined else low,
        high=None if undefined else high,
        level=level,
        n=len(difference),
        n_clusters=None if codes is None else int(codes.max()) + 1,
        method=method,
        undefined=undefined,
    )


def cluster_bootstrap(
    values: Array,
    *,
    codes: np.ndarray[tuple[int], np.dtype[np.intp]],
    resamples: int,
    generator: np.random.Generator,
) -> Array:
    """Return means of clusters drawn with replacement: (counts @ sums) / (counts @ sizes)."""
    sums = cluster_sums(values, codes=codes)
    sizes = cluster_sums(np.ones_like(values), codes=codes)
    groups = len(sums)
    counts = generator.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    means: Array = (counts @ sums) / (counts @ sizes)
    return means


def _drawn_totals(moving: Array, *, resamples: int, seed: int) -> Array:
    """Draw signed sums in pieces that fit the cache; a signed sum is the total less twice a random part."""
    generator = np.random.default_rng(seed)
    totals = np.empty(resamples)
    size = max(1, (1 << 22) // len(moving))
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        bits = np.unpackbits(generator.integers(0, 256, (rows, -(-len(moving) // 8)), dtype=np.uint8), axis=1)
        totals[start : start + rows] = moving.sum() - 2 * (bits[:, : len(moving)] @ moving)
    return totals


def _gain(a: Array, b: Array, found: Estimate, codes: Clusters | None) -> float | None:
    if found.se is None or not found.informative:
        return None
    apart = [estimate(mean(side), cluster=codes).se for side in (a, b)]
    if any(se is None for se in apart):
        return None
    return math.hypot(*(se for se in apart if se is not None)) / found.se
