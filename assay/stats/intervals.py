"""Intervals of a score: the default for each kind of score, and those for k right answers of n.

Wilson is the default for right-or-wrong scores because a t interval covers 89 % instead of 95 % at 20
questions and has no width when all answers agree.
"""

import math
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, ScoreOutOfRange
from assay.stats.clusters import Clusters, MissingClusterPolicy
from assay.stats.distributions import beta_quantile, normal_quantile
from assay.stats.estimate import (
    ALL_AGREE,
    TOO_FEW_QUESTIONS,
    Correction,
    Estimate,
    Influenced,
    estimate,
    mean,
    standard_error,
    t_interval,
)
from assay.stats.scores import Array, finite_scores

Prior: TypeAlias = Literal["uniform", "jeffreys"]
PRIOR_COUNT: dict[Prior, float] = {"uniform": 1.0, "jeffreys": 0.5}


def score_interval(
    scores: ArrayLike,
    *,
    cluster: Clusters | None = None,
    level: float = 0.95,
    missing: MissingClusterPolicy = "error",
) -> Estimate:
    """Return the mean of one score per question with the interval to show by default.

    Right-or-wrong scores of independent questions get Wilson's interval, everything else Student's t on the
    (clustered) standard error.
    """
    values = finite_scores(scores)
    by_t = estimate(mean(values), cluster=cluster, level=level, missing=missing)
    if by_t.n_clusters is not None or not is_binary(values):
        return by_t
    return wilson(int(values.sum()), n=len(values), level=level)


def is_binary(scores: Array) -> bool:
    """Tell whether every score is 0 or 1."""
    return bool(np.all((scores == 0) | (scores == 1)))


def proportion(correct: int, *, n: int) -> Influenced:
    """Return the share of right answers with the influence of each question, right ones first."""
    check_count(correct, n=n)
    return mean(np.repeat([1.0, 0.0], [correct, n - correct]))


def wilson(correct: float, *, n: float, level: float = 0.95) -> Estimate:
    """Return Wilson's score interval (Wilson 1927): (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2))/(1 + z^2/n).

    `n` may be an effective number of questions, which makes the interval an approximation.
    """
    check_count(correct, n=n)
    p, z = correct / n, _z(level)
    centre, scale = p + z * z / (2 * n), 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    low = 0.0 if correct == 0 else (centre - half) / scale
    high = 1.0 if correct == n else (centre + half) / scale
    return _binary(correct, n=n, level=level, low=low, high=high, method="wilson")


def wilson_clustered(
    scores: ArrayLike, *, cluster: Clusters, level: float = 0.95, missing: MissingClusterPolicy = "error"
) -> Estimate:
    """Return Wilson's interval at n/deff questions: an approximation for clustered right-or-wrong scores."""
    values = finite_scores(scores, low=0.0, high=1.0)
    by_t = estimate(mean(values), cluster=cluster, level=level, missing=missing)
    effect = design_effect(values, cluster=cluster, missing=missing)
    if effect is None or effect == 0 or by_t.value is None:
        return by_t
    size = len(values) / effect
    scored = wilson(by_t.value * size, n=size, level=level)
    return replace(by_t, low=scored.low, high=scored.high, method="wilson, n/deff (approximate)")


def design_effect(
    scores: ArrayLike,
    *,
    cluster: Clusters,
    correction: Correction = "CR1",
    missing: MissingClusterPolicy = "error",
) -> float | None:
    """Return the variance of the mean with clusters over that without (Kish 1965); None if not defined."""
    found = mean(scores)
    clustered = estimate(found, cluster=cluster, correction=correction, missing=missing)
    plain = estimate(found)
    if clustered.se is None or not plain.informative or plain.se is None:
        return None
    return (clustered.se / plain.se) ** 2


def clopper_pearson(correct: int, *, n: int, level: float = 0.95) -> Estimate:
    """Return the exact interval, which inverts the binomial tails (Clopper and Pearson 1934)."""
    check_count(correct, n=n)
    tail = (1 - level) / 2
    low = 0.0 if correct == 0 else beta_quantile(tail, a=correct, b=n - correct + 1)
    high = 1.0 if correct == n else beta_quantile(1 - tail, a=correct + 1, b=n - correct)
    return _binary(correct, n=n, level=level, low=low, high=high, method="clopper-pearson")


def agresti_coull(correct: int, *, n: int, level: float = 0.95) -> Estimate:
    """Return the Wald interval after adding z^2/2 right and wrong answers (Agresti and Coull 1998)."""
    check_count(correct, n=n)
    z = _z(level)
    size = n + z * z
    p = (correct + z * z / 2) / size
    half = z * math.sqrt(p * (1 - p) / size)
    return _binary(
        correct, n=n, level=level, low=max(0.0, p - half), high=min(1.0, p + half), method="agresti-coull"
    )


def beta_interval(
    correct: int,
    *,
    n: int,
    level: float = 0.95,
    prior: Prior = "uniform",
    at_ends: Literal["equal-tailed", "hpd"] = "equal-tailed",
) -> Estimate:
    """Return the credible interval of Beta(k+a, n-k+a), a = 1 (uniform) or 1/2 (Jeffreys), equal-tailed.

    When all or no answers are right that interval leaves out the value itself; `hpd` takes the highest
    posterior density there, which then has one tail (Bowyer et al. 2025).
    """
    check_count(correct, n=n)
    a, b = correct + PRIOR_COUNT[prior], n - correct + PRIOR_COUNT[prior]
    tail = (1 - level) / 2
    if at_ends == "hpd" and correct in (0, n):
        tail = 0.0 if correct == 0 else 1 - level
    low, high = beta_quantile(tail, a=a, b=b), beta_quantile(tail + level, a=a, b=b)
    return _binary(correct, n=n, level=level, low=low, high=high, method=f"beta, {prior}")


def normal_interval(found: Influenced, *, level: float = 0.95) -> Estimate:
    """Return value -+ z se for independent questions; for comparison with tools that have no t."""
    n = len(found.influence)
    if n < 2:
        return Estimate(found.value, level=level, n=n, method="normal", undefined=TOO_FEW_QUESTIONS)
    se = standard_error(found.influence).se
    return t_interval(found.value, se=se, df=math.inf, n=n, level=level, method="normal")


def check_count(correct: float, *, n: float) -> None:
    """Refuse no questions at all, and more right answers than questions."""
    if n == 0:
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    if not 0 <= correct <= n:
        raise ScoreOutOfRange(f"{correct} right answers of {n} are impossible.", remedy="Count them again.")


def _binary(correct: float, *, n: float, level: float, low: float, high: float, method: str) -> Estimate:
    p = correct / n
    if n < 2:
        return Estimate(p, None, None, low, high, level, n=int(n), method=method, undefined=TOO_FEW_QUESTIONS)
    notes = (ALL_AGREE,) if correct in (0, n) else ()
    return Estimate(
        p, math.sqrt(p * (1 - p) / (n - 1)), n - 1, low, high, level, n=int(n), method=method, notes=notes
    )


def _z(level: float) -> float:
    return normal_quantile((1 + level) / 2)
