"""Whether a difference is small enough not to matter."""

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from assay.stats.clusters import Clusters
from assay.stats.discordant import Discordance, tango, tango_z, tie_interval
from assay.stats.distributions import normal_tail, t_tail
from assay.stats.domain import fraction, positive
from assay.stats.estimates import Estimate, Interval, estimate, mean, t_interval
from assay.stats.scores import finite_scores


@dataclass(frozen=True)
class Equivalence:
    """The two one-sided tests of a difference against -margin and +margin."""

    p: float | None
    """The larger of the two; equivalent where it is at most alpha."""
    p_lower: float | None
    """Of the difference being -margin or less: small means not inferior."""
    p_upper: float | None
    low: float | None
    high: float | None
    """The interval of level 1 - 2 alpha."""
    equivalent: bool
    non_inferior: bool
    margin: float


def equivalence(
    difference: ArrayLike, *, margin: float, cluster: Clusters | None = None, alpha: float = 0.05
) -> Equivalence:
    """Test equivalence of paired differences by two one-sided t tests (Schuirmann 1987)."""
    by_t = estimate(mean(finite_scores(difference)), cluster=cluster, level=_level(alpha))
    return equivalence_of(by_t, margin=margin, alpha=alpha)


def equivalence_of(estimate_: Estimate, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence from an estimate with standard error and degrees of freedom (Schuirmann 1987)."""
    positive(margin, name="margin")
    level = _level(alpha)
    value, se, df = estimate_.value, estimate_.se, estimate_.df
    if value is None or se is None or df is None or not estimate_.informative:
        return Equivalence(None, None, None, None, None, equivalent=False, non_inferior=False, margin=margin)
    lower, upper = t_tail((value + margin) / se, df=df), t_tail((margin - value) / se, df=df)
    by_t = t_interval(value, se=se, df=df, n=estimate_.n, level=level)
    assert by_t.low is not None
    assert by_t.high is not None
    return _decided(lower, upper, Interval(by_t.low, by_t.high), margin=margin)


def equivalence_binary(counts: Discordance, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence of paired right-or-wrong scores by Tango's statistic at both margins (Tango 1998)."""
    positive(margin, name="margin")
    lower, upper = normal_tail(tango_z(-margin, counts)), normal_tail(-tango_z(margin, counts))
    return _decided(lower, upper, tango(counts, level=_level(alpha)), margin=margin)


def equivalence_of_ties(units: float, *, largest: float, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence where all of `units` differences are zero and none can exceed `largest`.

    The share that differs is bounded by Tango's interval of ties, so the mean difference by as much times
    `largest`; z^2 = units margin/(largest - margin) inverts it.
    """
    positive(margin, name="margin")
    positive(largest, name="largest")
    relative = min(margin / largest, 1 - 1e-12)
    p = normal_tail(math.sqrt(positive(units, name="units") * relative / (1 - relative)))
    ends = tie_interval(units, level=_level(alpha))
    return _decided(p, p, Interval(ends.low * largest, ends.high * largest), margin=margin)


def _decided(lower: float, upper: float, ends: Interval, *, margin: float) -> Equivalence:
    return Equivalence(
        max(lower, upper),
        lower,
        upper,
        ends.low,
        ends.high,
        equivalent=-margin < ends.low and ends.high < margin,
        non_inferior=ends.low > -margin,
        margin=margin,
    )


def _level(alpha: float) -> float:
    """Return the level of the interval that two one-sided tests at `alpha` are read off."""
    return fraction(1 - 2 * fraction(alpha, name="alpha"), name="the level 1 - 2 alpha")
