"""Cheap scores for all questions, dear ones for some: prediction-powered inference and CUPED."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import NotEnoughSamples, StatisticsError
from assay.stats.estimate import Estimate, t_interval
from assay.stats.scores import Array, finite_scores

FEW_LABELS = 30


@dataclass(frozen=True)
class JudgeErrors:
    """How a judge's verdicts fall on labelled questions."""

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
    level: float = 0.95,
    ddof: int = 1,
) -> Estimate:
    """Estimate a mean from n labels, the judge's scores of those questions and of N others.

    lam mean_N(f) + mean_n(y - lam f), Var = lam^2 Var(f)/N + Var(y - lam f)/n; lam* = Cov(y, f)/((1 + n/N)
    Var(f)) unless given, 1 being classic PPI and 0 labels alone (Angelopoulos et al. 2023). The labelled
    questions must be a random choice. `ddof` 0 divides the variances by n, as ppi_py does.
    """
    y, f, others = finite_scores(labels), finite_scores(judged), finite_scores(judged_others)
    if len(y) != len(f):
        raise StatisticsError(
            f"There are {len(y)} labels and {len(f)} judgements of them.", remedy="Align them."
        )
    if len(y) < 2 or len(others) < 2:
        raise NotEnoughSamples("Two labels and two other judgements are the least.", remedy="Label more.")
    lam = power_weight(y, f, others) if weight is None else weight
    value = lam * float(others.mean()) + float((y - lam * f).mean())
    variance = float((lam * others).var(ddof=ddof)) / len(others) + float((y - lam * f).var(ddof=ddof)) / len(
        y
    )
    notes = (f"fewer than {FEW_LABELS} labels: the interval is approximate",) if len(y) < FEW_LABELS else ()
    return t_interval(
        value,
        se=math.sqrt(variance),
        df=math.inf,
        n=len(y),
        level=level,
        method=f"PPI, weight {lam:.4g}",
        notes=notes,
    )


def power_weight(labels: Array, judged: Array, others: Array) -> float:
    """Return the weight that makes the variance least; 0 where the judge says the same of all.

    As ppi_py has it, with n in the covariance and n - 1 in the variance over all judgements; any weight is
    valid, so this touches the precision alone.
    """
    every = np.concatenate([judged, others])
    spread = float(every.var(ddof=1))
    if spread == 0:
        return 0.0
    shared = float(np.cov(labels, judged, ddof=0)[0, 1])
    return shared / ((1 + len(labels) / len(others)) * spread)


def cuped(outcome: ArrayLike, *, before: ArrayLike, before_mean: float, level: float = 0.95) -> Estimate:
    """Estimate a mean from a subset by what an earlier score of the same questions tells (Deng et al. 2013).

    mean(y) - theta (mean(x) - mean of x over all), theta = Cov(y, x)/Var(x): the intercept of a regression on
    the centred covariate, with its standard error.
    """
    y, x = finite_scores(outcome), finite_scores(before)
    if len(y) != len(x):
        raise StatisticsError(f"There are {len(y)} scores and {len(x)} earlier ones.", remedy="Align them.")
    n = len(y)
    if n < 3:
        raise NotEnoughSamples(f"{n} questions are too few to regress on.", remedy="Evaluate three or more.")
    spread = float(x.var(ddof=1))
    theta = 0.0 if spread == 0 else float(np.cov(y, x, ddof=1)[0, 1]) / spread
    value = float(y.mean()) - theta * (float(x.mean()) - before_mean)
    residual = y - y.mean() - theta * (x - x.mean())
    freedom = n - 1 if spread == 0 else n - 2
    se = math.sqrt(float(residual @ residual) / (n - 1) / n)
    return t_interval(value, se=se, df=freedom, n=n, level=level, method=f"CUPED, theta {theta:.4g}")


def judge_errors(labels: ArrayLike, *, judged: ArrayLike) -> JudgeErrors:
    """Count how a judge agrees with labels, both right or wrong."""
    y, f = finite_scores(labels) >= 0.5, finite_scores(judged) >= 0.5
    both, judge, label = int(np.sum(y & f)), int(np.sum(~y & f)), int(np.sum(y & ~f))
    neither = len(y) - both - judge - label
    return JudgeErrors(
        both, judge, label, neither,
        accuracy=(both + neither) / len(y),
        sensitivity=both / (both + label) if both + label else None,
        specificity=neither / (neither + judge) if neither + judge else None,
    )  # fmt: skip
