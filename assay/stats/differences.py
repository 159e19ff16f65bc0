"""Two systems on the same questions: the difference, its interval and its tests.

Right-or-wrong scores of independent questions get Tango's interval and McNemar's mid-p; all others, also
clustered ones, means of several samples and ratios, Student's t with the sign-flip test as a second opinion.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.stats.bootstrap import paired_bootstrap
from assay.stats.clusters import (
    Clusters,
    Codes,
    MissingClusterPolicy,
    cluster_codes,
    cluster_sums,
    effective_clusters,
)
from assay.stats.discordant import (
    Discordance,
    discordance,
    mcnemar_exact,
    mcnemar_midp,
    probability_better,
    tango,
    tie_interval,
)
from assay.stats.domain import choice, fraction, same_length
from assay.stats.estimates import (
    ZERO_VARIANCE,
    Correction,
    Estimate,
    Influenced,
    estimate,
    two_sided_p,
)
from assay.stats.intervals import without_width
from assay.stats.power import DetectableEffect, detectable
from assay.stats.power_binary import resolution_floor
from assay.stats.scores import Array, finite_scores, is_binary
from assay.stats.sides import Sides, Units, correlation, signed_sides
from assay.stats.signflips import SEED, sign_flip

PairedMethod: TypeAlias = Literal["auto", "t", "bootstrap"]
METHODS = ("auto", "t", "bootstrap")
FEW_MOVING = 10
"""Questions, or clusters, that differ, below which Student's interval is a rough one."""


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
    """The smallest true difference that would be found with the given power."""
    floor: float | None
    """The smallest difference that so many right-or-wrong questions can show at all."""
    correlation: float | None
    gain: float | None
    """Standard error without pairing, divided by the one with it."""
    p_better: float | None
    """P(B better) under a flat prior; right-or-wrong scores of independent questions only."""
    values: Array
    """The difference of each question."""
    influenced: Influenced
    """The difference with the influence of each question."""
    undefined: str | None = None
    """Reason why `p`, `mde` or the interval is None, such as `n<2`."""
    tied_units: float | None = None
    """Where all differences are zero: how many questions, or clusters of one size, say so."""
    largest: float | None = None
    """The largest difference there can be; 1 for rates."""

    @property
    def delta(self) -> float | None:
        """B - A."""
        return self.estimate.value

    def without_questions(self) -> "Paired":
        """The same without the numbers of each question, where many comparisons are held at once."""
        return replace(self, values=np.zeros(0), influenced=Influenced(self.influenced.value, np.zeros(0)))

    @property
    def deciding_p(self) -> float | None:
        """The p-value that decides: `p`, or the sign-flip test's where all differences are alike."""
        return self.p_second if self.p is None and self.estimate.se is not None else self.p


class _Tests(NamedTuple):
    """The interval and the tests of one method."""

    interval: Estimate
    p: float | None
    p_second: float | None
    test: str
    second_test: str


def paired(
    a: ArrayLike,
    b: ArrayLike,
    *,
    cluster: Clusters | None = None,
    units: Units | None = None,
    largest: float | None = None,
    method: PairedMethod = "auto",
    level: float = 0.95,
    alpha: float = 0.05,
    power: float = 0.8,
    lower_is_better: bool = False,
    correction: Correction = "auto",
    missing: MissingClusterPolicy = "error",
    seed: int = SEED,
) -> Paired:
    """Compare one number per question of A and of B, in the same order; raises StatisticsError.

    Shapes: `a`, `b`, `cluster` and both `units` are of length n. The difference is the mean of b - a, or
    with `units` the ratio of B less that of A; its standard error is that of its influence values (paired
    t), over clusters CR1 or CR2. `method` "t" takes Student's t for right-or-wrong scores too, "bootstrap"
    the bootstrap's interval and the sign-flip test. `largest` is the largest difference there can be, 1 for
    rates: a detectable effect beyond it is none. `lower_is_better` turns the sign of all scores, so that a
    positive difference always means that B is better.
    """
    fraction(alpha, name="alpha")
    choice(method, name="method", among=METHODS)
    before, after = finite_scores(a), finite_scores(b)
    same_length(**{"scores of A": before, "scores of B": after})
    sides = signed_sides(before, after, units, sign=-1.0 if lower_is_better else 1.0)
    codes = cluster_codes(cluster, size=len(before), missing=missing)
    influenced = sides.influenced_difference()
    by_t = estimate(influenced, cluster=codes, level=level, correction=correction)
    counts = discordance(np.zeros_like(sides.difference), sides.difference)
    binary = is_binary(before) and is_binary(after)
    widest = 1.0 if binary and largest is None else largest
    plain = binary and codes is None and units is None
    if method == "auto" and plain:
        tests = _flip_tests(counts, by_t)
    else:
        tests = _mean_tests(sides, by_t, codes=codes, method=method, seed=seed, widest=widest)
    effect = detectable(by_t, alpha=alpha, power=power, largest=widest)
    return Paired(
        estimate=tests.interval,
        p=tests.p,
        p_second=tests.p_second,
        test=tests.test,
        second_test=tests.second_test,
        counts=counts,
        binary=binary,
        mde=effect.value,
        floor=resolution_floor(counts.n, alpha=alpha) if plain else None,
        correlation=correlation(before, after),
        gain=_gain(sides, by_t, codes),
        p_better=probability_better(counts.wins, counts.losses) if plain else None,
        values=sides.difference,
        influenced=influenced,
        undefined=_reason(by_t, effect),
        tied_units=_tied_units(by_t, codes),
        largest=widest,
    )


def _flip_tests(counts: Discordance, by_t: Estimate) -> _Tests:
    low, high = tango(counts, level=by_t.level)
    return _Tests(
        replace(by_t, low=low, high=high, method="Tango"),
        mcnemar_midp(counts.wins, counts.losses),
        mcnemar_exact(counts.wins, counts.losses),
        "McNemar mid-p",
        "McNemar exact",
    )


def _mean_tests(
    sides: Sides,
    by_t: Estimate,
    *,
    codes: Codes | None,
    method: PairedMethod,
    seed: int,
    widest: float | None,
) -> _Tests:
    contributions = sides.contributions()
    flipped = sign_flip(contributions, cluster=codes, seed=seed)
    if method == "bootstrap":
        return _Tests(_bootstrapped(sides, by_t, codes, seed=seed), flipped.p, None, flipped.name, "")
    test = "t" if by_t.df is None else f"t({by_t.df:.4g})"
    interval = _noted(without_width(by_t), contributions, codes)
    if by_t.se == 0 and by_t.value == 0 and widest is not None:
        interval = _all_tied(by_t, codes, widest=widest)
    return _Tests(interval, two_sided_p(by_t), flipped.p, test, flipped.name)


def _bootstrapped(sides: Sides, by_t: Estimate, codes: Codes | None, *, seed: int) -> Estimate:
    """Return the bootstrap's interval of the difference."""
    if sides.units is None:
        return paired_bootstrap(sides.a, sides.b, cluster=codes, level=by_t.level, seed=seed)
    rows = [
        np.stack([scores * units, units], axis=1)
        for scores, units in zip((sides.a, sides.b), sides.units, strict=True)
    ]
    return paired_bootstrap(
        *rows, statistic=_ratio_of_sums, cluster=codes, level=by_t.level, resamples=1999, seed=seed
    )


def _ratio_of_sums(rows: Array) -> float:
    above, below = rows.sum(axis=0)
    return float(above / below)


def _all_tied(by_t: Estimate, codes: Codes | None, *, widest: float) -> Estimate:
    """Bound a difference of which nothing was seen, as Tango's interval does for right-or-wrong scores."""
    units = _tied_units(by_t, codes)
    assert units is not None
    low, high = tie_interval(units, level=by_t.level)
    return replace(by_t, low=low * widest, high=high * widest, method="Tango of ties")


def _tied_units(by_t: Estimate, codes: Codes | None) -> float | None:
    if by_t.se != 0 or by_t.value != 0:
        return None
    sizes = np.ones(by_t.n) if codes is None else np.bincount(codes).astype(np.float64)
    return effective_clusters(sizes / sizes.sum())


def _noted(interval: Estimate, contributions: Array, codes: Codes | None) -> Estimate:
    """Warn where few questions differ, or few clusters."""
    moving = int(np.count_nonzero(cluster_sums(contributions, codes=codes)))
    if interval.low is None or not 0 < moving < FEW_MOVING:
        return interval
    unit = "questions" if codes is None else "clusters"
    note = (
        f"only {moving} {unit} differ: the interval is approximate"
        if moving > 1
        else (f"only one {unit.removesuffix('s')} differs: the interval is approximate")
    )
    return replace(interval, notes=(*interval.notes, note))


def _gain(sides: Sides, by_t: Estimate, codes: Codes | None) -> float | None:
    if by_t.se is None or not by_t.informative:
        return None
    apart = [estimate(side, cluster=codes).se for side in sides.influenced()]
    if any(se is None for se in apart):
        return None
    return math.hypot(*(se for se in apart if se is not None)) / by_t.se


def _reason(by_t: Estimate, effect: DetectableEffect) -> str | None:
    if by_t.undefined is not None:
        return by_t.undefined
    return ZERO_VARIANCE if by_t.se == 0 else effect.undefined
