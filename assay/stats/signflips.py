"""The sign-flip test: are differences as likely positive as negative?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.stats.clusters import Clusters, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.discordant import mcnemar_exact
from assay.stats.distributions import binomial_cdf
from assay.stats.domain import count
from assay.stats.scores import Array, finite_scores

EXACT_UNITS = 20
"""Questions, or clusters, that differ, up to which every sign pattern is enumerated."""
RESAMPLES = 1 << 12
"""Sign patterns drawn where there are too many to enumerate."""
SEED = 20240901


@dataclass(frozen=True)
class SignFlip:
    """The p-values of a sign-flip test."""

    p: float
    """Two-sided."""
    p_greater: float
    """For B being better."""
    patterns: int
    """How many sign patterns were tried; 2^G where the test is exact."""
    exact: bool
    seed: int | None = None
    """Seed of the patterns drawn; None where none was."""

    @property
    def name(self) -> str:
        """What the test is called beside its p-value."""
        return "sign-flip, exact" if self.exact else f"sign-flip, {self.patterns} patterns, seed {self.seed}"


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
    count(resamples, name="resamples", least=1, most=10**8)
    count(seed, name="seed")
    values = finite_scores(difference)
    codes = cluster_codes(cluster, size=len(values), missing=missing)
    sums = cluster_sums(values, codes=codes)
    tolerance = 1e-9 * float(np.abs(values).sum())
    moving = sums[np.abs(sums) > tolerance]
    if moving.size == 0 or np.ptp(np.abs(moving)) <= tolerance:
        wins, losses = int(np.sum(moving > 0)), int(np.sum(moving < 0))
        greater = binomial_cdf(losses, n=wins + losses)
        return SignFlip(mcnemar_exact(wins, losses), greater, 1 << len(sums), exact=True)
    exact = len(moving) <= EXACT_UNITS
    totals = _all_totals(moving) if exact else _drawn_totals(moving, resamples=resamples, seed=seed)
    observed, extra = float(moving.sum()), 0 if exact else 1
    hits = int(np.sum(np.abs(totals) >= abs(observed) - tolerance)) + extra
    greater_hits = int(np.sum(totals >= observed - tolerance)) + extra
    total = len(totals) + extra
    patterns = 1 << len(sums) if exact else resamples
    return SignFlip(hits / total, greater_hits / total, patterns, exact, None if exact else seed)


def _all_totals(moving: Array) -> Array:
    """List the signed sums of all sign patterns, doubling the list with each number."""
    totals = np.zeros(1)
    for size in moving:
        totals = np.concatenate([totals + size, totals - size])
    return totals


def _drawn_totals(moving: Array, *, resamples: int, seed: int) -> Array:
    """Draw signed sums: the total less twice a random part, looked up eight sums at a time."""
    generator = np.random.default_rng(seed)
    eights = np.pad(moving, (0, -len(moving) % 8)).reshape(-1, 8)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)
    parts = np.zeros(resamples)
    for table in eights @ bits.T:
        parts += table[generator.integers(0, 256, resamples, dtype=np.uint8)]
    return np.asarray(moving.sum() - 2 * parts)
