"""Intervals for k right answers of n."""

import math
from typing import Literal, TypeAlias

import numpy as np

from assay.errors import EmptyScores, ScoreOutOfRange
from assay.stats.distributions import beta_quantile, interval_quantile
from assay.stats.domain import LARGEST, choice, count, fraction, non_negative
from assay.stats.estimates import ALL_AGREE, TOO_FEW_QUESTIONS, Estimate, Influenced, Interval, mean

Prior: TypeAlias = Literal["uniform", "jeffreys"]
PRIOR_COUNT: dict[Prior, float] = {"uniform": 1.0, "jeffreys": 0.5}
LISTED = 10_000_000
"""The most answers that are listed one by one, in some 80 MB."""


def proportion(correct: int, *, n: int) -> Influenced:
    """Return the share of right answers with the influence of each question, right ones first."""
    count(correct, name="correct")
    count(n, name="n", most=LISTED)
    check_count(correct, n=n)
    return mean(np.repeat([1.0, 0.0], [correct, n - correct]))


def wilson(correct: float, *, n: float, level: float = 0.95) -> Estimate:
    """Return Wilson's score interval (Wilson 1927): (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2))/(1 + z^2/n).

    `n` may be an effective number of questions, which makes the interval an approximation.
    """
    check_count(correct, n=n)
    ends = score_ends(correct / n, n=n, quantile=interval_quantile(level))
    low = 0.0 if correct == 0 else ends.low
    high = 1.0 if correct == n else ends.high
    return _binary(correct, n=n, level=level, ends=Interval(low, high), method="wilson")


def score_ends(share: float, *, n: float, quantile: float) -> Interval:
    """Return the ends of Wilson's interval around a share of `n` questions, n effective or real."""
    square = quantile * quantile
    centre, scale = share + square / (2 * n), 1 + square / n
    half = quantile * math.sqrt(share * (1 - share) / n + (quantile / (2 * n)) ** 2)
    return Interval(max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def clopper_pearson(correct: int, *, n: int, level: float = 0.95) -> Estimate:
    """Return the exact interval, which inverts the binomial tails (Clopper and Pearson 1934)."""
    check_count(correct, n=n)
    tail = (1 - fraction(level, name="level")) / 2
    low = 0.0 if correct == 0 else beta_quantile(tail, a=correct, b=n - correct + 1)
    high = 1.0 if correct == n else beta_quantile(1 - tail, a=correct + 1, b=n - correct)
    return _binary(correct, n=n, level=level, ends=Interval(low, high), method="clopper-pearson")


def agresti_coull(correct: int, *, n: int, level: float = 0.95) -> Estimate:
    """Return the Wald interval after adding z^2/2 right and wrong answers (Agresti and Coull 1998)."""
    check_count(correct, n=n)
    z = interval_quantile(level)
    size = n + z * z
    p = (correct + z * z / 2) / size
    half = z * math.sqrt(p * (1 - p) / size)
    ends = Interval(max(0.0, p - half), min(1.0, p + half))
    return _binary(correct, n=n, level=level, ends=ends, method="agresti-coull")


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
    choice(prior, name="prior", among=PRIOR_COUNT)
    choice(at_ends, name="at_ends", among=("equal-tailed", "hpd"))
    a, b = correct + PRIOR_COUNT[prior], n - correct + PRIOR_COUNT[prior]
    tail = (1 - fraction(level, name="level")) / 2
    if at_ends == "hpd" and correct in (0, n):
        tail = 0.0 if correct == 0 else 1 - level
    ends = Interval(beta_quantile(tail, a=a, b=b), beta_quantile(tail + level, a=a, b=b))
    return _binary(correct, n=n, level=level, ends=ends, method=f"beta, {prior}")


def check_count(correct: float, *, n: float) -> None:
    """Refuse no questions at all, and more right answers than questions."""
    if non_negative(n, name="n") < 1 / LARGEST:
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    if not 0 <= non_negative(correct, name="correct") <= n:
        raise ScoreOutOfRange(f"{correct} right answers of {n} are impossible.", remedy="Count them again.")


def _binary(correct: float, *, n: float, level: float, ends: Interval, method: str) -> Estimate:
    p = correct / n
    if n < 2:
        return Estimate(
            p, None, None, ends.low, ends.high, level, n=int(n), method=method, undefined=TOO_FEW_QUESTIONS
        )
    notes = (ALL_AGREE,) if correct in (0, n) else ()
    se = math.sqrt(p * (1 - p) / (n - 1))
    return Estimate(p, se, n - 1, ends.low, ends.high, level, n=int(n), method=method, notes=notes)
