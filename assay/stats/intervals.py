"""The interval that a score is shown with, chosen by what kind of score it is.

Right-or-wrong scores of independent questions get Wilson's, because a t interval covers 89 % instead of 95 %
at 20 questions and has no width when all answers agree. Other scores of a known range (means of samples, F1,
clustered scores) get Wilson's at the number of questions that their standard error is worth. Scores without
a range get Student's t.
"""

from collections.abc import Sequence
from dataclasses import replace

from numpy.typing import ArrayLike

from assay.errors import ScoreOutOfRange
from assay.stats.clusters import (
    Clusters,
    MissingClusterPolicy,
    cluster_codes,
    cluster_sums,
    effective_clusters,
)
from assay.stats.distributions import interval_quantile
from assay.stats.domain import fraction, number
from assay.stats.estimates import (
    ALL_AGREE,
    TOO_FEW_QUESTIONS,
    Correction,
    Estimate,
    Influenced,
    Interval,
    estimate,
    mean,
    standard_error,
    t_interval,
)
from assay.stats.proportions import score_ends, wilson
from assay.stats.scores import finite_scores, is_binary

UNIT = Interval(0.0, 1.0)
"""The range of a rate."""


def score_interval(
    scores: ArrayLike,
    *,
    cluster: Clusters | None = None,
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
    missing: MissingClusterPolicy = "error",
) -> Estimate:
    """Return the mean of one score per question with the interval to show by default.

    Right-or-wrong scores of independent questions get Wilson's interval, other scores between `bounds`
    Wilson's at their effective number (`bounded_interval`), all others Student's t. Scores of 0 and 1 alone
    have these bounds.
    """
    ends = check_bounds(bounds)
    values = finite_scores(scores) if ends is None else finite_scores(scores, low=ends.low, high=ends.high)
    by_t = estimate(mean(values), cluster=cluster, level=level, missing=missing)
    binary = is_binary(values)
    if by_t.n_clusters is None and binary and ends in {None, UNIT}:
        return wilson(int(values.sum()), n=len(values), level=level)
    if ends is None and not binary:
        return without_width(by_t)
    return bounded_interval(mean(values), cluster=cluster, bounds=ends or UNIT, level=level, missing=missing)


def bounded_interval(
    influenced: Influenced,
    *,
    cluster: Clusters | None = None,
    bounds: tuple[float, float] = UNIT,
    level: float = 0.95,
    missing: MissingClusterPolicy = "error",
) -> Estimate:
    """Return Wilson's interval of a score between two bounds, at the effective number of questions.

    Scaled to p in [0, 1], the score is worth n = p(1-p)/SE^2 independent right-or-wrong questions, and
    Student's quantile takes the place of the normal one (Korn and Graubard 1998; Franco et al. 2019). Where
    the standard error is zero, all questions, or clusters, count as one each: n = 1/sum h_g^2.
    """
    low, high = check_bounds(bounds) or UNIT
    by_t = estimate(influenced, cluster=cluster, level=level, missing=missing)
    if not low <= influenced.value <= high:
        raise ScoreOutOfRange(
            f"The score of {influenced.value:g} lies outside [{low:g}, {high:g}].",
            remedy="Correct the bounds.",
        )
    if by_t.value is None or by_t.se is None or by_t.df is None:
        return by_t
    p, se = (by_t.value - low) / (high - low), by_t.se / (high - low)
    codes = cluster_codes(cluster, size=len(influenced.influence), missing=missing)
    units = float(by_t.n)
    if influenced.leverage is not None:
        units = effective_clusters(cluster_sums(influenced.leverage, codes=codes))
    size = p * (1 - p) / se**2 if by_t.informative and 0 < p < 1 else units
    ends = score_ends(p, n=size, quantile=interval_quantile(level, df=by_t.df))
    label = by_t.method.removeprefix("t")
    return replace(
        by_t,
        low=low + (0.0 if p == 0 else ends.low) * (high - low),
        high=low + (1.0 if p == 1 else ends.high) * (high - low),
        method=f"wilson, effective n{label}",
    )


def without_width(by_t: Estimate) -> Estimate:
    """Leave out an interval without a width: that all values agree is no certainty."""
    if by_t.se is None or by_t.informative:
        return by_t
    return replace(by_t, low=None, high=None, undefined=by_t.undefined or ALL_AGREE)


def design_effect(
    scores: ArrayLike,
    *,
    cluster: Clusters,
    correction: Correction = "CR1",
    missing: MissingClusterPolicy = "error",
) -> float | None:
    """Return the variance of the mean with clusters over that without (Kish 1965).

    None where one of them is zero or not defined.
    """
    influenced = mean(scores)
    clustered = estimate(influenced, cluster=cluster, correction=correction, missing=missing)
    plain = estimate(influenced)
    if clustered.se is None or not plain.informative or plain.se is None:
        return None
    return (clustered.se / plain.se) ** 2


def normal_interval(influenced: Influenced, *, level: float = 0.95) -> Estimate:
    """Return value -+ z se for independent questions; for comparison with tools that have no t."""
    number(influenced.value, name="value")
    fraction(level, name="level")
    n = len(influenced.influence)
    if n < 2:
        return Estimate(influenced.value, level=level, n=n, method="normal", undefined=TOO_FEW_QUESTIONS)
    se = standard_error(influenced.influence).se
    return t_interval(influenced.value, se=se, df=float("inf"), n=n, level=level, method="normal")


def check_bounds(bounds: Sequence[float] | None) -> Interval | None:
    """Return the range of a score; raises ScoreOutOfRange where it is empty."""
    if bounds is None:
        return None
    if len(bounds) != 2:
        raise ScoreOutOfRange(f"A range has two ends, not {len(bounds)}.", remedy="Give both ends.")
    low, high = (number(end, name="bounds") for end in bounds)
    if not low < high:
        raise ScoreOutOfRange(f"The range [{low:g}, {high:g}] is empty.", remedy="Give the lower end first.")
    return Interval(low, high)
