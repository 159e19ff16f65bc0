"""Several samples per question: what they say of the score, and what more of them would buy.

Each question counts once, with the mean of its samples. Pooling all samples as if they were questions makes
the standard error too small.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, StatisticsError
from assay.stats.clusters import Clusters, MissingClusterPolicy, cluster_sums
from assay.stats.estimate import (
    ONE_SAMPLE,
    TOO_FEW_QUESTIONS,
    Estimate,
    Influenced,
    estimate,
    mean,
    ratio,
    t_interval,
)
from assay.stats.intervals import score_interval
from assay.stats.scores import Array, finite_scores

Samples = Sequence[ArrayLike]
"""The scores of each question's samples; their number may differ between questions."""


@dataclass(frozen=True)
class VarianceParts:
    """Hold the variance within questions and between them; what cannot be identified is None."""

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
    """Hold the two standard errors that several samples allow."""

    new_questions: Estimate
    """The claim about questions like these: the one to compare models by."""
    same_questions: Estimate
    """The claim about exactly these questions, were they sampled again."""
    parts: VarianceParts


def question_means(samples: Samples) -> Array:
    """Return the mean of the samples of each question."""
    flat, codes, counts = _flat(samples)
    return cluster_sums(flat, codes=codes) / counts


def pooled_mean(samples: Samples) -> Influenced:
    """Return the mean over all samples, a ratio: questions with more samples weigh more.

    Another estimand than the mean of the questions' means unless all have the same number.
    """
    flat, codes, counts = _flat(samples)
    return ratio(cluster_sums(flat, codes=codes), denominator=counts)


def variance_parts(samples: Samples) -> VarianceParts:
    """Split the variance of the scores by a one-way analysis of variance.

    within = MSW = sum of squares around the questions' means / (N - n); between = max(0, (MSB - MSW)/n0)
    with n0 = (N - sum K_i^2/N)/(n - 1), which for K samples each is S_m^2 - MSW/K (Searle et al. 1992).
    """
    flat, codes, counts = _flat(samples)
    n, total = len(counts), len(flat)
    harmonic = n / float(np.sum(1 / counts))
    if total == n:
        return VarianceParts(None, None, n, harmonic, ONE_SAMPLE)
    means = cluster_sums(flat, codes=codes) / counts
    within = float(np.sum((flat - means[codes]) ** 2)) / (total - n)
    if n < 2:
        return VarianceParts(within, None, n, harmonic, TOO_FEW_QUESTIONS)
    among = float(np.sum(counts * (means - flat.mean()) ** 2)) / (n - 1)
    typical = (total - float(np.sum(counts**2)) / total) / (n - 1)
    return VarianceParts(within, max(0.0, (among - within) / typical), n, harmonic)


def predicted_error(parts: VarianceParts, *, samples: float, n: int | None = None) -> float | None:
    """Predict the standard error with `samples` per question: sqrt((omega^2 + sigma^2/K)/n)."""
    if parts.within is None or parts.between is None:
        return None
    return math.sqrt((parts.between + parts.within / samples) / (parts.n if n is None else n))


def doubling_gain(parts: VarianceParts) -> float | None:
    """Return the share of variance that twice the samples remove: sigma^2/(2K) / (omega^2 + sigma^2/K)."""
    if parts.within is None or parts.between is None:
        return None
    noise = parts.within / parts.samples
    return None if noise + parts.between == 0 else noise / 2 / (noise + parts.between)


def same_questions(samples: Samples, *, level: float = 0.95) -> Estimate:
    """Return the mean with the error of sampling these same questions again.

    SE = sqrt(sigma^2 sum(1/K_i))/n with N - n degrees of freedom, which is sqrt(sigma^2/(nK)) for K each.
    """
    found, parts = mean(question_means(samples)), variance_parts(samples)
    if parts.within is None:
        return Estimate(found.value, level=level, n=parts.n, method="t, same questions", undefined=ONE_SAMPLE)
    freedom = sum(np.size(s) for s in samples) - parts.n
    se = math.sqrt(parts.within / parts.samples / parts.n)
    return t_interval(found.value, se=se, df=freedom, n=parts.n, level=level, method="t, same questions")


def sampled_score(
    samples: Samples,
    *,
    cluster: Clusters | None = None,
    level: float = 0.95,
    missing: MissingClusterPolicy = "error",
) -> SampledScore:
    """Return the mean of the questions' means with both standard errors and the variance behind them."""
    means, parts = question_means(samples), variance_parts(samples)
    single = parts.undefined == ONE_SAMPLE
    new = (
        score_interval(means, cluster=cluster, level=level, missing=missing)
        if single
        else estimate(mean(means), cluster=cluster, level=level, missing=missing)
    )
    return SampledScore(new, same_questions(samples, level=level), parts)


def _flat(samples: Samples) -> tuple[Array, np.ndarray[tuple[int], np.dtype[np.intp]], Array]:
    """Lay the samples in one row, with the number of each one's question and the samples of each question."""
    if not len(samples):
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    rows = [np.asarray(s, dtype=np.float64).ravel() for s in samples]
    counts = np.array([len(row) for row in rows])
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        raise StatisticsError(
            f"{empty.size} questions have no sample",
            ids=[f"#{i}" for i in empty],
            remedy="Leave them out, and report them as missing.",
        )
    return finite_scores(np.concatenate(rows)), np.repeat(np.arange(len(rows)), counts), counts.astype(float)
