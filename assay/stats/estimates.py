"""A number with its uncertainty, and the one way a standard error is made.

Every estimator of this package is a smooth function of per-question numbers. It returns its value and one
influence number per question (`Influenced`); `standard_error` turns influence into a standard error for
plain, clustered and multi-task designs alike, and `estimate` makes an `Estimate` of it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, StatisticsError, TooFewClusters
from assay.stats.clusters import Clusters, Codes, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.distributions import interval_quantile, t_tail
from assay.stats.domain import LARGEST, choice, fraction, number, same_length
from assay.stats.freedom import satterthwaite
from assay.stats.scores import Array, as_floats, finite_scores

AppliedCorrection: TypeAlias = Literal["CR0", "CR1", "CR2"]
Correction: TypeAlias = Literal["auto", "CR0", "CR1", "CR2"]
CORRECTIONS = ("auto", "CR0", "CR1", "CR2")

FEW_CLUSTERS = 30

TOO_FEW_QUESTIONS = "n<2"
ONE_CLUSTER = "G<2"
ONE_SAMPLE = "K=1"
ZERO_VARIANCE = "zero variance"
ALL_AGREE = "all values agree, so the standard error says nothing"


@dataclass(frozen=True)
class Estimate:
    """A number, its uncertainty and how it was made; `undefined` says why a field is None."""

    value: float | None
    se: float | None = None
    """Standard error."""
    df: float | None = None
    """Degrees of freedom of `se`; infinite for normal theory."""
    low: float | None = None
    high: float | None = None
    """Ends of the interval."""
    level: float = 0.95
    """Coverage the interval aims at."""
    n: int = 0
    """Number of questions."""
    n_clusters: int | None = None
    """Number of clusters; None where every question stands for itself."""
    method: str = ""
    """Formula of the interval, with the correction and the seed where there is one."""
    undefined: str | None = None
    """Code of the reason why a field is None, such as `n<2`."""
    notes: tuple[str, ...] = ()
    """What a reader must know before believing the number."""

    @property
    def informative(self) -> bool:
        """Whether the standard error says anything: one of zero only says that all values agree."""
        return self.se is not None and self.se > 0


class Interval(NamedTuple):
    """Both ends of an interval."""

    low: float
    high: float


class Influenced(NamedTuple):
    """A value with the influence of each question on it."""

    value: float
    influence: Array
    """How far each question pulls the value from its limit; adds up to zero."""
    leverage: Array | None = None
    """Share of each question in the value, adding up to one; None where CR2 has no closed form."""

    @property
    def linearised(self) -> Array:
        """One number per question whose plain mean and standard error are those of the value."""
        return self.value + len(self.influence) * self.influence


class StandardError(NamedTuple):
    """A standard error with the number of clusters behind it."""

    se: float
    df: float
    groups: int
    correction: AppliedCorrection


def standard_error(
    influence: ArrayLike,
    *,
    cluster: Clusters | None = None,
    leverage: ArrayLike | None = None,
    correction: Correction = "auto",
    missing: MissingClusterPolicy = "error",
) -> StandardError:
    """Return the standard error of an estimate from its influence values.

    Influence is summed over each cluster, S_g; without clusters each question is its own. CR1 is
    sqrt(G/(G-1) sum S_g^2) with G-1 degrees of freedom, which equals sd/sqrt(n) for a plain mean and the
    cluster-robust error of a regression on a constant (Cameron and Miller 2015). CR2 is
    sqrt(sum S_g^2/(1-h_g)) with h_g the leverage of the cluster (Bell and McCaffrey 2002). `auto` takes CR2
    for clusters of unequal size, with Satterthwaite's degrees of freedom under the correlation within
    clusters that the data show (Imbens and Kolesar 2016); for clusters of one size both are CR1. CR0 has no
    correction and is for comparison with older tools only. Raises TooFewClusters for one cluster.
    """
    choice(correction, name="correction", among=CORRECTIONS)
    values = finite_scores(influence)
    shares = None if leverage is None else finite_scores(leverage, low=0.0)
    if shares is not None:
        same_length(influences=values, leverages=shares)
    codes = cluster_codes(cluster, size=len(values), missing=missing)
    return _standard_error(values, codes=codes, leverage=shares, correction=correction)


def estimate(
    influenced: Influenced,
    *,
    cluster: Clusters | None = None,
    level: float = 0.95,
    correction: Correction = "auto",
    missing: MissingClusterPolicy = "error",
    notes: Iterable[str] = (),
) -> Estimate:
    """Make an `Estimate` with a Student t interval from a value and its influence.

    One question leaves the standard error undefined (`n<2`), one cluster too (`G<2`). A standard error of
    zero is kept, because it is what the formula gives, with a note that it says nothing.
    """
    fraction(level, name="level")
    number(influenced.value, name="value")
    n = as_floats(influenced.influence).size
    codes = cluster_codes(cluster, size=n, missing=missing)
    groups = None if codes is None else int(codes.max()) + 1
    if n < 2 or groups == 1:
        reason = TOO_FEW_QUESTIONS if n < 2 else ONE_CLUSTER
        return Estimate(
            influenced.value,
            level=level,
            n=n,
            n_clusters=groups,
            method="t",
            undefined=reason,
            notes=tuple(notes),
        )
    error = standard_error(
        influenced.influence, cluster=codes, leverage=influenced.leverage, correction=correction
    )
    return t_interval(
        influenced.value,
        se=error.se,
        df=error.df,
        n=n,
        n_clusters=groups,
        level=level,
        method="t" if groups is None else f"t, {error.correction}",
        notes=notes,
    )


def t_interval(
    value: float,
    *,
    se: float,
    df: float,
    n: int,
    n_clusters: int | None = None,
    level: float = 0.95,
    method: str = "t",
    notes: Iterable[str] = (),
) -> Estimate:
    """Make an `Estimate` with the interval value -+ t(1-alpha/2, df) se; infinite `df` is normal theory."""
    warnings = list(notes)
    if exactly_zero(se, scale=value):
        se = 0.0
        warnings.append(ALL_AGREE)
    if n_clusters is not None and n_clusters < FEW_CLUSTERS:
        warnings.append(f"fewer than {FEW_CLUSTERS} clusters: the interval is approximate")
    half = interval_quantile(level, df=df) * se
    return Estimate(
        value, se, df, value - half, value + half, level, n, n_clusters, method, None, tuple(warnings)
    )


def exactly_zero(spread: float, *, scale: float) -> bool:
    """Whether a spread is zero but for the rounding of sums of numbers of the size of `scale`."""
    return spread <= 1e-14 * abs(scale)


def two_sided_p(estimate_: Estimate, *, null: float = 0.0) -> float | None:
    """Return the two-sided t p-value against `null` (Student 1908); None where se is zero or undefined."""
    number(null, name="null")
    if estimate_.value is None or estimate_.se is None or estimate_.df is None or estimate_.se == 0:
        return None
    return min(1.0, 2 * t_tail(abs(estimate_.value - null) / estimate_.se, df=estimate_.df))


def mean(scores: ArrayLike) -> Influenced:
    """Return the mean of one number per question, with influence (y_i - ybar)/n."""
    values = finite_scores(scores)
    n = len(values)
    value = float(values.mean())
    return Influenced(value, (values - value) / n, np.full(n, 1 / n))


def ratio(numerator: ArrayLike, *, denominator: ArrayLike) -> Influenced:
    """Return R = sum(u)/sum(v), such as bits per byte, with influence (u_i - R v_i)/sum(v) (Cochran 1977)."""
    above, below = finite_scores(numerator), finite_scores(denominator, low=0.0)
    same_length(numerators=above, denominators=below)
    total = float(below.sum())
    if total <= 1 / LARGEST:
        raise EmptyScores(
            "All denominators are zero.", remedy="Leave out questions without any unit to count."
        )
    value = float(above.sum()) / total
    if abs(value) > LARGEST:
        raise StatisticsError("The ratio is too large.", remedy="Rescale the denominators.")
    return Influenced(value, (above - value * below) / total, below / total)


def _standard_error(
    influence: Array, *, codes: Codes | None, leverage: Array | None, correction: Correction
) -> StandardError:
    sums = cluster_sums(influence, codes=codes)
    groups = len(sums)
    if groups < 2:
        raise TooFewClusters(
            f"A standard error needs two clusters or more, and there is {groups}.",
            remedy="Compare on more questions, or group them more finely.",
        )
    shares = None if leverage is None else cluster_sums(leverage, codes=codes)
    applied = _applied(correction, shares=shares, clustered=codes is not None)
    if applied == "CR2" and shares is not None:
        square = float(np.sum(sums**2 / (1 - shares)))
    else:
        square = float(sums @ sums) * (groups / (groups - 1) if applied == "CR1" else 1.0)
    df: float = groups - 1
    if correction == "auto" and applied == "CR2" and codes is not None and leverage is not None:
        df = satterthwaite(influence, codes=codes, leverage=leverage)
    return StandardError(math.sqrt(square), df, groups, applied)


def _applied(correction: Correction, *, shares: Array | None, clustered: bool) -> AppliedCorrection:
    """Choose between CR1 and CR2; they agree where all clusters have the same leverage."""
    defined = shares is not None and float(shares.max()) < 1
    if correction == "CR2" and not defined:
        raise StatisticsError("CR2 has no closed form for this estimate.", remedy="Use CR1.")
    if correction != "auto":
        return correction
    unequal = shares is not None and np.ptp(shares) > 1e-9 * float(shares.max())
    return "CR2" if clustered and defined and unequal else "CR1"
