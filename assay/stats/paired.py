"""Two systems on the same questions: the difference, its interval and its tests.

Right-or-wrong scores of independent questions get Tango's interval and McNemar's mid-p; all others, also
clustered ones and means of several samples, Student's t with the sign-flip test as a second opinion.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import StatisticsError
from assay.stats.clusters import Clusters, Codes, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.detectable import detectable
from assay.stats.discordant import (
    Discordance,
    discordance,
    mcnemar_exact,
    mcnemar_midp,
    probability_better,
    tango,
)
from assay.stats.distributions import binomial_cdf
from assay.stats.estimate import ZERO_VARIANCE, Correction, Estimate, estimate, mean, two_sided_p
from assay.stats.intervals import is_binary
from assay.stats.power_binary import resolution_floor
from assay.stats.scores import Array, finite_scores

EXACT_UNITS = 20
"""Up to so many questions, or clusters, that differ, every sign pattern is looked at."""
RESAMPLES = 1 << 12
"""Sign patterns drawn where there are too many to look at all."""
SEED = 20240901


@dataclass(frozen=True)
class SignFlip:
    """The p-values of a sign-flip test."""

    p: float
    """Two-sided."""
    p_greater: float
    """For B being better."""
    patterns: int
    """How many sign patterns were looked at; 2^G where the test is exact."""
    exact: bool
    seed: int | None = None
    """Seed of the patterns drawn; None where none was."""


@dataclass(frozen=True)
class Paired:
    """The paired difference B - A with everything needed to judge it."""

    estimate: Estimate
    """The difference, its standard error and its interval."""
    p: float | None
    """McNemar mid-p for independent right-or-wrong scores, else of the t test."""
    p_second: float | None
    """The second opinion: exact McNemar, or the sign-flip test."""
    test: str
    """Name of the test that gave `p`."""
    second_test: str
    counts: Discordance
    binary: bool
    mde: float | None
    """The smallest true difference found with the power asked for."""
    floor: float | None
    """The smallest difference that so many right-or-wrong questions can show at all."""
    correlation: float | None
    gain: float | None
    """Standard error without pairing, divided by the one with it."""
    p_better: float | None
    """P(B better) under a flat prior; right-or-wrong scores of independent questions only."""
    values: Array
    """The difference of each question."""
    undefined: str | None = None
    """Code of the reason why `p` or `mde` is None, such as `n<2`."""

    @property
    def delta(self) -> float | None:
        """B - A."""
        return self.estimate.value


def paired(
    a: ArrayLike,
    b: ArrayLike,
    *,
    cluster: Clusters | None = None,
    level: float = 0.95,
    alpha: float = 0.05,
    power: float = 0.8,
    lower_is_better: bool = False,
    correction: Correction = "auto",
    missing: MissingClusterPolicy = "error",
    seed: int = SEED,
) -> Paired:
    """Compare one number per question of A and of B, in the same order; raises StatisticsError.

    Shapes: `a`, `b` and `cluster` are of length n. The standard error of the difference is that of the mean
    of b - a (paired t), CR1 or CR2 over clusters. `lower_is_better` turns the sign of all scores, so that a
    positive difference always means that B is better.
    """
    sign = -1.0 if lower_is_better else 1.0
    before, after = finite_scores(a), finite_scores(b)
    difference = sign * _difference(before, after)
    codes = None if cluster is None else cluster_codes(cluster, missing=missing)
    found = estimate(mean(difference), cluster=codes, level=level, correction=correction)
    counts = discordance(np.zeros_like(difference), difference)
    binary = is_binary(before) and is_binary(after)
    tests = (
        _flip_tests(counts, found)
        if binary and codes is None
        else _mean_tests(difference, found, codes=codes, seed=seed)
    )
    mde = detectable(found, alpha=alpha, power=power)
    return Paired(
        estimate=tests.shown,
        p=tests.p,
        p_second=tests.p_second,
        test=tests.test,
        second_test=tests.second_test,
        counts=counts,
        binary=binary,
        mde=mde,
        floor=resolution_floor(counts.n, alpha=alpha) if binary and codes is None else None,
        correlation=correlation(before, after),
        gain=_gain(before, after, found, codes),
        p_better=probability_better(counts.wins, counts.losses) if binary and codes is None else None,
        values=difference,
        undefined=found.undefined or (ZERO_VARIANCE if mde is None else None),
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
    missing: MissingClusterPolicy = "error",
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> SignFlip:
    """Test that differences are as likely positive as negative, by flipping the signs of cluster sums.

    Exact, over all patterns, for up to 20 sums that are not zero and for sums of one size, where it is
    McNemar's exact test; else p = (hits + 1)/(R + 1) of R drawn patterns (Phipson and Smyth 2010). Zeros do
    not matter. Valid where A and B are exchangeable under the null.
    """
    values = finite_scores(difference)
    codes = None if cluster is None else cluster_codes(cluster, missing=missing)
    sums = cluster_sums(values, codes=codes)
    tolerance = 1e-9 * float(np.abs(values).sum())
    moving = sums[np.abs(sums) > tolerance]
    if moving.size == 0 or np.ptp(np.abs(moving)) <= tolerance:
        wins, losses = int(np.sum(moving > 0)), int(np.sum(moving < 0))
        greater = binomial_cdf(losses, n=wins + losses)
        return SignFlip(mcnemar_exact(wins, losses), greater, 1 << len(sums), exact=True)
    exact = len(moving) <= EXACT_UNITS
    totals = _all_totals(moving) if exact else _drawn_totals(moving, resamples=resamples, seed=seed)
    seen, extra = float(moving.sum()), 0 if exact else 1
    hits = int(np.sum(np.abs(totals) >= abs(seen) - tolerance)) + extra
    greater_hits = int(np.sum(totals >= seen - tolerance)) + extra
    looked = len(totals) + extra
    patterns = 1 << len(sums) if exact else resamples
    return SignFlip(hits / looked, greater_hits / looked, patterns, exact, None if exact else seed)


class _Tests(NamedTuple):
    shown: Estimate
    p: float | None
    p_second: float | None
    test: str
    second_test: str


def _flip_tests(counts: Discordance, found: Estimate) -> _Tests:
    low, high = tango(counts, level=found.level)
    return _Tests(
        replace(found, low=low, high=high, method="Tango"),
        mcnemar_midp(counts.wins, counts.losses),
        mcnemar_exact(counts.wins, counts.losses),
        "McNemar mid-p",
        "McNemar exact",
    )


def _mean_tests(difference: Array, found: Estimate, *, codes: Codes | None, seed: int) -> _Tests:
    flipped = sign_flip(difference, cluster=codes, seed=seed)
    second = "sign-flip, exact" if flipped.exact else f"sign-flip, {flipped.patterns} patterns, seed {seed}"
    test = "t" if found.df is None else f"t({found.df:g})"
    return _Tests(found, two_sided_p(found), flipped.p, test, second)


def _difference(before: Array, after: Array) -> Array:
    """Subtract, keeping a constant shift constant: what rounding adds would pass for a tiny variance."""
    if len(before) != len(after):
        raise StatisticsError(
            f"A has {len(before)} scores and B has {len(after)}.", remedy="Align the two runs first."
        )
    difference = after - before
    rounding = 4 * np.finfo(np.float64).eps * max(np.abs(before).max(), np.abs(after).max())
    return np.full_like(difference, np.median(difference)) if np.ptp(difference) <= rounding else difference


def _all_totals(moving: Array) -> Array:
    """List the signed sums of all sign patterns, doubling the list with each number."""
    totals = np.zeros(1)
    for size in moving:
        totals = np.concatenate([totals + size, totals - size])
    return totals


def _drawn_totals(moving: Array, *, resamples: int, seed: int) -> Array:
    """Draw signed sums; one is the total less twice a random part, looked up eight sums at a time."""
    generator = np.random.default_rng(seed)
    eights = np.pad(moving, (0, -len(moving) % 8)).reshape(-1, 8)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)
    parts = np.zeros(resamples)
    for table in eights @ bits.T:
        parts += table[generator.integers(0, 256, resamples, dtype=np.uint8)]
    return np.asarray(moving.sum() - 2 * parts)


def _gain(a: Array, b: Array, found: Estimate, codes: Clusters | None) -> float | None:
    if found.se is None or not found.informative:
        return None
    apart = [estimate(mean(side), cluster=codes).se for side in (a, b)]
    if any(se is None for se in apart):
        return None
    return math.hypot(*(se for se in apart if se is not None)) / found.se
