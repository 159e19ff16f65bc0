"""Several samples per question: what they say of the score, and what more of them would buy.

Each question counts once, with the mean of its samples. Pooling all samples as if they were questions makes
the standard error too small.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, StatisticsError
from assay.stats.betabinomial import beta_binomial_interval, typical_samples
from assay.stats.clusters import Clusters, Codes, MissingClusterPolicy, cluster_sums
from assay.stats.domain import count, positive
from assay.stats.estimates import (
    ONE_SAMPLE,
    TOO_FEW_QUESTIONS,
    Estimate,
    Influenced,
    estimate,
    mean,
    ratio,
    t_interval,
)
from assay.stats.intervals import UNIT, check_bounds, score_interval, without_width
from assay.stats.reduction import reduce_samples
from assay.stats.scores import Array, as_floats, finite_scores, is_binary

Samples = Sequence[ArrayLike]
"""The scores of each question's samples; their number may differ between questions."""


@dataclass(frozen=True)
class VarianceParts:
    """The variance within questions and between them; what cannot be identified is None."""

    within: float | None
    """sigma^2: variance of the samples of one question around its own mean."""
    between: float | None
    """omega^2: variance of the questions' true means."""
    n: int
    """Number of questions."""
    samples: float
    """Samples per question: their harmonic mean, which is what the standard error depends on."""
    undefined: str | None = None


@dataclass(frozen=True)
class SampledScore:
    """The two standard errors that several samples allow."""

    new_questions: Estimate
    """The claim about questions like these: the one to compare models by."""
    same_questions: Estimate
    """The claim about exactly these questions, were they sampled again."""
    parts: VarianceParts


class _Flat(NamedTuple):
    """The samples of all questions in one row."""

    values: Array
    codes: Codes
    """The question of each sample."""
    counts: Array
    """The samples of each question."""


def question_means(samples: Samples) -> Array:
    """Return the mean of the samples of each question."""
    flat = _flat(samples)
    return reduce_samples(flat.values, counts=flat.counts)


def pooled_mean(samples: Samples) -> Influenced:
    """Return the mean over all samples, a ratio: questions with more samples weigh more.

    Another estimand than the mean of the questions' means unless all have the same number.
    """
    flat = _flat(samples)
    return ratio(cluster_sums(flat.values, codes=flat.codes), denominator=flat.counts)


def variance_parts(samples: Samples) -> VarianceParts:
    """Split the variance of the scores by a one-way analysis of variance.

    within = MSW = sum of squares around the questions' means / (N - n); between = max(0, (MSB - MSW)/n0)
    with n0 = (N - sum K_i^2/N)/(n - 1), which for K samples each is S_m^2 - MSW/K (Searle et al. 1992).
    """
    values, codes, counts = _flat(samples)
    n, total = len(counts), len(values)
    harmonic = typical_samples(counts)
    if total == n:
        return VarianceParts(None, None, n, harmonic, ONE_SAMPLE)
    means = cluster_sums(values, codes=codes) / counts
    within = float(np.sum((values - means[codes]) ** 2)) / (total - n)
    if n < 2:
        return VarianceParts(within, None, n, harmonic, TOO_FEW_QUESTIONS)
    among = float(np.sum(counts * (means - values.mean()) ** 2)) / (n - 1)
    typical = (total - float(np.sum(counts**2)) / total) / (n - 1)
    return VarianceParts(within, max(0.0, (among - within) / typical), n, harmonic)


def predicted_error(parts: VarianceParts, *, samples: float, n: int | None = None) -> float | None:
    """Return the standard error expected of `samples` per question: sqrt((omega^2 + sigma^2/K)/n).

    Miller (2024). None where the parts are not defined.
    """
    positive(samples, name="samples")
    size = count(parts.n if n is None else n, name="n", least=1)
    if parts.within is None or parts.between is None:
        return None
    return math.sqrt((parts.between + parts.within / samples) / size)


def doubling_gain(parts: VarianceParts) -> float | None:
    """Return the share of variance that twice the samples remove: sigma^2/(2K) / (omega^2 + sigma^2/K).

    Miller (2024). None where the parts are not defined, or both are zero.
    """
    if parts.within is None or parts.between is None:
        return None
    noise = parts.within / parts.samples
    return None if noise + parts.between == 0 else noise / 2 / (noise + parts.between)


def same_questions(samples: Samples, *, level: float = 0.95) -> Estimate:
    """Return the mean with the error of sampling these same questions again.

    SE = sqrt(sigma^2 sum(1/K_i))/n with N - n degrees of freedom, which is sqrt(sigma^2/(nK)) for K each
    (Miller 2024).
    """
    influenced, parts = mean(question_means(samples)), variance_parts(samples)
    method = "t, same questions"
    if parts.within is None:
        return Estimate(influenced.value, level=level, n=parts.n, method=method, undefined=ONE_SAMPLE)
    df = len(_flat(samples).values) - parts.n
    se = math.sqrt(parts.within / parts.samples / parts.n)
    by_t = t_interval(influenced.value, se=se, df=df, n=parts.n, level=level, method=method)
    return without_width(by_t)


def sampled_score(
    samples: Samples,
    *,
    cluster: Clusters | None = None,
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
    missing: MissingClusterPolicy = "error",
) -> SampledScore:
    """Return the mean of the questions' means with both standard errors and the variance behind them.

    The interval for new questions: of independent right-or-wrong questions the beta-binomial one, else that
    of `score_interval`.
    """
    flat = _flat(samples)
    ends = check_bounds(bounds)
    binary = is_binary(flat.values) and ends in {None, UNIT}
    new = score_interval(
        reduce_samples(flat.values, counts=flat.counts),
        cluster=cluster,
        bounds=UNIT if binary else bounds,
        level=level,
        missing=missing,
    )
    parts = variance_parts(samples)
    if binary and new.n_clusters is None and parts.undefined != ONE_SAMPLE:
        new = _by_beta_binomial(flat, new)
    return SampledScore(new, same_questions(samples, level=level), parts)


def _by_beta_binomial(flat: _Flat, by_mean: Estimate) -> Estimate:
    """Put the beta-binomial interval in the place of one that rests on the questions' means."""
    by_t = estimate(mean(reduce_samples(flat.values, counts=flat.counts)), level=by_mean.level)
    right = cluster_sums(flat.values, codes=flat.codes)
    ends = beta_binomial_interval(right, samples=flat.counts, level=by_mean.level)
    if by_t.value is None:
        return by_mean
    low, high = min(ends.low, by_t.value), max(ends.high, by_t.value)
    return replace(by_t, low=low, high=high, method="beta-binomial")


def _flat(samples: Samples) -> _Flat:
    """Lay the samples in one row; raises StatisticsError naming questions without a sample."""
    if not hasattr(samples, "__len__"):
        raise StatisticsError("The samples are not a list.", remedy="Give one list of scores per question.")
    if not len(samples):
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    sizes = [np.size(row) if np.ndim(row) == 1 else -1 for row in map(_row, samples)]
    empty = [i for i, size in enumerate(sizes) if size == 0]
    if empty:
        raise StatisticsError(
            f"{len(empty)} questions have no sample",
            ids=[f"#{i}" for i in empty],
            remedy="Leave them out, and report them as missing.",
        )
    if min(sizes) < 0:
        raise StatisticsError(
            "The samples of a question are not a flat list.", remedy="Give one list of scores per question."
        )
    values = finite_scores(np.concatenate([_row(row) for row in samples]))
    return _Flat(values, np.repeat(np.arange(len(sizes)), sizes), np.array(sizes, dtype=np.float64))


def _row(samples: ArrayLike) -> Array:
    """Return the samples of one question as floats, none where there are none."""
    try:
        return as_floats(samples)
    except EmptyScores:
        return np.empty(0)
