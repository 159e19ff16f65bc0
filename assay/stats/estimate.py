"""A number with its uncertainty, and the one way a standard error is made.

Every estimator of this package is a smooth function of per-question numbers. It hands back its value and
one influence number per question (`Influenced`); `standard_error` turns influence into a standard error
for plain, clustered and multi-task designs alike, and `estimate` makes an `Estimate` of it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, StatisticsError, TooFewClusters
from assay.stats.clusters import Clusters, MissingClusterPolicy, cluster_codes, cluster_sums
from assay.stats.distributions import t_quantile, t_tail
from assay.stats.scores import Array, finite_scores

Correction: TypeAlias = Literal["auto", "CR0", "CR1", "CR2"]

FEW_CLUSTERS = 30
LARGE_CLUSTER = 0.2
"""Share of the questions above which one cluster calls for the CR2 correction."""

TOO_FEW_QUESTIONS = "n<2"
ONE_CLUSTER = "G<2"
ONE_SAMPLE = "K=1"
ZERO_VARIANCE = "zero variance"
ALL_AGREE = "all values agree, so the standard error says nothing"


@dataclass(frozen=True)
class Estimate:
    """Hold a number, its uncertainty and how it was made; `undefined` says why a field is None."""

    value: float | None
    se: float | None = None
    """Standard error."""
    df: float | None = None
    """Degrees of freedom of `se`; infinite for normal theory."""
    low: float | None = None
    high: float | None = None
    """Ends of the interval; not clipped to the range of the score."""
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


class Influenced(NamedTuple):
    """A value with the influence of each question on it."""

    value: float
    influence: Array
    """How far each question pulls the value from its limit; adds up to zero."""
    leverage: Array | None = None
    """Share of each question in the value, adding up to one; None where CR2 has no closed form."""


class Spread(NamedTuple):
    """A standard error with the number of clusters behind it."""

    se: float
    df: int
    """Clusters less one."""
    groups: int
    correction: Literal["CR0", "CR1", "CR2"]


def standard_error(
    influence: Array,
    *,
    cluster: Clusters | None = None,
    leverage: Array | None = None,
    correction: Correction = "auto",
    missing: MissingClusterPolicy = "error",
) -> Spread:
    """Return the standard error of an estimate from its influence values.

    Influence is summed over each cluster, S_g; without clusters each question is its own. CR1 is
    sqrt(G/(G-1) sum S_g^2), which equals sd/sqrt(n) for a plain mean and the cluster-robust error of a
    regression on a constant. CR2 is sqrt(sum S_g^2/(1-h_g)) with h_g the leverage of the cluster (Bell and
    McCaffrey 2002); `auto` takes it when one cluster holds more than a fifth. CR0 has no correction and is
    for comparison with older tools only. Degrees of freedom are G-1 (Cameron and Miller 2015). Raises
    TooFewClusters for one cluster.
    """
    codes = None if cluster is None else cluster_codes(cluster, missing=missing)
    sums = cluster_sums(influence, codes=codes)
    groups = len(sums)
    if groups < 2:
        raise TooFewClusters(
            f"A standard error needs two clusters or more, and there is {groups}.",
            remedy="Compare on more questions, or group them more finely.",
        )
    share = None if leverage is None else cluster_sums(leverage, codes=codes)
    chosen = _correction(correction, share=share, clustered=codes is not None)
    if chosen == "CR2" and share is not None:
        square = float(np.sum(sums**2 / (1 - share)))
    else:
        square = float(sums @ sums) * (groups / (groups - 1) if chosen == "CR1" else 1.0)
    return Spread(math.sqrt(square), groups - 1, groups, chosen)


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
    n = len(influenced.influence)
    codes = None if cluster is None else cluster_codes(cluster, missing=missing)
    groups = None if codes is None else int(codes.max()) + 1
    if n < 2 or groups == 1:
        why = TOO_FEW_QUESTIONS if n < 2 else ONE_CLUSTER
        return Estimate(
            influenced.value,
            level=level,
            n=n,
            n_clusters=groups,
            method="t",
            undefined=why,
            notes=tuple(notes),
        )
    spread = standard_error(
        influenced.influence, cluster=codes, leverage=influenced.leverage, correction=correction
    )
    return t_interval(
        influenced.value,
        se=spread.se,
        df=spread.df,
        n=n,
        n_clusters=groups,
        level=level,
        method="t" if groups is None else f"t, {spread.correction}",
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
    half = t_quantile((1 + level) / 2, df=df) * se
    return Estimate(
        value, se, df, value - half, value + half, level, n, n_clusters, method, None, tuple(warnings)
    )


def exactly_zero(spread: float, *, scale: float) -> bool:
    """Tell whether a spread is zero but for the rounding of sums of numbers of the size of `scale`."""
    return spread <= 1e-14 * abs(scale)


def two_sided_p(estimated: Estimate, *, null: float = 0.0) -> float | None:
    """Return the two-sided t p-value against `null`; None where the standard error is zero or undefined."""
    if estimated.value is None or estimated.se is None or estimated.df is None or estimated.se == 0:
        return None
    return min(1.0, 2 * t_tail(abs(estimated.value - null) / estimated.se, df=estimated.df))


def mean(scores: ArrayLike) -> Influenced:
    """Return the mean of one number per question, with influence (y_i - ybar)/n."""
    values = finite_scores(scores)
    n = len(values)
    value = float(values.mean())
    return Influenced(value, (values - value) / n, np.full(n, 1 / n))


def ratio(numerator: ArrayLike, *, denominator: ArrayLike) -> Influenced:
    """Return R = sum(u)/sum(v), such as bits per byte, with influence (u_i - R v_i)/sum(v)."""
    above, below = finite_scores(numerator), finite_scores(denominator, low=0.0)
    if len(above) != len(below):
        raise StatisticsError(
            f"There are {len(above)} numerators and {len(below)} denominators.",
            remedy="Give one of each for every question.",
        )
    total = float(below.sum())
    if total == 0:
        raise EmptyScores(
            "All denominators are zero.", remedy="Leave out questions without any unit to count."
        )
    value = float(above.sum()) / total
    return Influenced(value, (above - value * below) / total, below / total)


def _correction(wanted: Correction, *, share: Array | None, clustered: bool) -> Literal["CR0", "CR1", "CR2"]:
    if wanted == "CR2" and (share is None or float(share.max()) >= 1):
        raise StatisticsError("CR2 has no closed form for this estimate.", remedy="Use CR1.")
    if wanted != "auto":
        return wanted
    large = clustered and share is not None and LARGE_CLUSTER < float(share.max()) < 1
    return "CR2" if large else "CR1"
