"""Whether a difference is small enough not to matter."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from assay.errors import StatisticsError
from assay.stats.clusters import Clusters
from assay.stats.discordant import Discordance, tango, tango_z
from assay.stats.distributions import normal_tail, t_tail
from assay.stats.estimate import Estimate, estimate, mean, t_interval
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
    found = estimate(mean(finite_scores(difference)), cluster=cluster, level=1 - 2 * alpha)
    return equivalence_of(found, margin=margin, alpha=alpha)


def equivalence_of(found: Estimate, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence from an estimate with standard error and degrees of freedom."""
    _check(margin)
    if found.value is None or found.se is None or found.df is None or not found.informative:
        return Equivalence(None, None, None, None, None, equivalent=False, non_inferior=False, margin=margin)
    lower = t_tail((found.value + margin) / found.se, df=found.df)
    upper = t_tail((margin - found.value) / found.se, df=found.df)
    ends = t_interval(found.value, se=found.se, df=found.df, n=found.n, level=1 - 2 * alpha)
    return _decided(lower, upper, ends.low, ends.high, margin=margin, alpha=alpha)


def equivalence_binary(counts: Discordance, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence of paired right-or-wrong scores by Tango's statistic at both margins."""
    _check(margin)
    lower, upper = normal_tail(tango_z(-margin, counts)), normal_tail(-tango_z(margin, counts))
    ends = tango(counts, level=1 - 2 * alpha)
    return _decided(lower, upper, ends.low, ends.high, margin=margin, alpha=alpha)


def _decided(
    lower: float, upper: float, low: float | None, high: float | None, *, margin: float, alpha: float
) -> Equivalence:
    p = max(lower, upper)
    inside = low is not None and high is not None and -margin < low and high < margin
    return Equivalence(
        p,
        lower,
        upper,
        low,
        high,
        equivalent=inside,
        non_inferior=low is not None and low > -margin,
        margin=margin,
    )


def _check(margin: float) -> None:
    if margin <= 0:
        raise StatisticsError(
            f"A margin of {margin} is not above zero.", remedy="Give the size that matters."
        )
