"""Cheap scores for all questions, expensive ones for some: prediction-powered inference and CUPED."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import NotEnoughSamples, ScoreOutOfRange
from assay.stats.clusters import Clusters, MissingClusterPolicy
from assay.stats.domain import choice, number, same_length
from assay.stats.estimates import Estimate, Influenced, estimate, t_interval
from assay.stats.scores import Array, finite_scores, is_binary

FEW_LABELS = 30


@dataclass(frozen=True)
class JudgeErrors:
    """How a judge's scores agree with labels, both right or wrong."""

    both_right: int
    judge_only: int
    label_only: int
    both_wrong: int
    accuracy: float
    sensitivity: float | None
    """Share of right answers that the judge accepts; None where no answer was right."""
    specificity: float | None
    """Share of wrong answers that the judge refuses; None where no answer was wrong."""


def prediction_powered(
    labels: ArrayLike,
    *,
    judged: ArrayLike,
    judged_others: ArrayLike,
    weight: float | None = None,
    cluster: Clusters | None = None,
    missing: MissingClusterPolicy = "error",
    level: float = 0.95,
    ddof: int = 1,
) -> Estimate:
    """Estimate a mean from n labels, the judge's scores of those questions and of N others.

    lam mean_N(f) + mean_n(y - lam f), Var = lam^2 Var(f)/N + Var(y - lam f)/n; lam* = Cov(y, f)/((1 + n/N)
    Var(f)) unless given, 1 being classic PPI and 0 labels alone (Angelopoulos et al. 2023). The labelled
    questions must be a random choice. `cluster` names the cluster of each labelled question and then of each
    other one; influence is summed over them (CR1, t). `ddof` 0 divides the variances by n, as ppi_py does.
    """
    y, f, others = finite_scores(labels), finite_scores(judged), finite_scores(judged_others)
    same_length(labels=y, **{"judgements of them": f})
    choice(str(ddof), name="ddof", among=("0", "1"))
    if len(y) < 2 or len(others) < 2:
        raise NotEnoughSamples(
            f"There are {len(y)} labels and {len(others)} other judgements, and each needs two.",
            remedy="Label more.",
        )
    lam = power_weight(y, f, others) if weight is None else number(weight, name="weight")
    residual = y - lam * f
    value = lam * float(others.mean()) + float(residual.mean())
    notes = (f"fewer than {FEW_LABELS} labels: the interval is approximate",) if len(y) < FEW_LABELS else ()
    method = f"PPI, weight {lam:.4g}"
    if cluster is not None:
        influence = np.concatenate(
            [(residual - residual.mean()) / len(y), lam * (others - others.mean()) / len(others)]
        )
        by_cluster = estimate(Influenced(value, influence), cluster=cluster, level=level, missing=missing)
        if by_cluster.n_clusters is not None:
            return replace(by_cluster, method=f"{method}, CR1", n=len(y), notes=(*notes, *by_cluster.notes))
    variance = float((lam * others).var(ddof=ddof)) / len(others) + float(residual.var(ddof=ddof)) / len(y)
    return t_interval(
        value, se=math.sqrt(variance), df=math.inf, n=len(y), level=level, method=method, notes=notes
    )


def power_weight(labels: ArrayLike, judged: ArrayLike, others: ArrayLike) -> float:
    """Return the weight that makes the variance least; 0 where the judge says the same of all.

    lam* of `prediction_powered` as ppi_py has it, with n in the covariance and n - 1 in the variance over
    all judgements (Angelopoulos et al. 2023); any weight is valid, so this touches the precision alone.
    """
    y, f, rest = finite_scores(labels), finite_scores(judged), finite_scores(others)
    same_length(labels=y, **{"judgements of them": f})
    everything = np.concatenate([f, rest])
    spread = float(everything.var(ddof=1)) if len(everything) > 1 else 0.0
    if spread <= 1e-28 * float(np.abs(everything).max()) ** 2:
        return 0.0
    return _covariance(y, f, ddof=0) / ((1 + len(y) / len(rest)) * spread)


def cuped(outcome: ArrayLike, *, before: ArrayLike, before_mean: float, level: float = 0.95) -> Estimate:
    """Estimate a mean from a subset by what an earlier score of the same questions tells (Deng et al. 2013).

    mean(y) - theta (mean(x) - mean of x over all), theta = Cov(y, x)/Var(x): the intercept of a regression on
    the centred covariate, with its standard error.
    """
    y, x = finite_scores(outcome), finite_scores(before)
    same_length(scores=y, **{"earlier scores": x})
    number(before_mean, name="before_mean")
    n = len(y)
    if n < 3:
        raise NotEnoughSamples(f"{n} questions are too few to regress on.", remedy="Evaluate three or more.")
    spread = float(x.var(ddof=1))
    constant = spread <= 1e-28 * float(np.abs(x).max()) ** 2
    theta = 0.0 if constant else _covariance(y, x, ddof=1) / spread
    value = float(y.mean()) - theta * (float(x.mean()) - before_mean)
    residual = y - y.mean() - theta * (x - x.mean())
    se = math.sqrt(float(residual @ residual) / (n - 1) / n)
    df = n - 1 if constant else n - 2
    return t_interval(value, se=se, df=df, n=n, level=level, method=f"CUPED, theta {theta:.4g}")


def judge_errors(labels: ArrayLike, *, judged: ArrayLike) -> JudgeErrors:
    """Count how a judge agrees with labels, both 0 or 1 (Rogan and Gladen 1978).

    Raises ScoreOutOfRange for scores in between: where they count as right is for you to say.
    """
    y, f = finite_scores(labels), finite_scores(judged)
    same_length(labels=y, **{"judgements of them": f})
    if not (is_binary(y) and is_binary(f)):
        raise ScoreOutOfRange(
            "Some labels or judgements are neither 0 nor 1.", remedy="Round them by a rule of your own."
        )
    right, accepted = y == 1, f == 1
    both, judge, label = (int(np.sum(x)) for x in (right & accepted, ~right & accepted, right & ~accepted))
    neither = len(y) - both - judge - label
    return JudgeErrors(
        both,
        judge,
        label,
        neither,
        accuracy=(both + neither) / len(y),
        sensitivity=both / (both + label) if both + label else None,
        specificity=neither / (neither + judge) if neither + judge else None,
    )


def _covariance(a: Array, b: Array, *, ddof: int) -> float:
    return float((a - a.mean()) @ (b - b.mean())) / (len(a) - ddof)
