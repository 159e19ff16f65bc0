"""Right-or-wrong answers to the same questions: wins (only B right), losses (only A right) and ties."""

import math
from itertools import count
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from assay.errors import EmptyScores, StatisticsError
from assay.stats.distributions import binomial_cdf, binomial_pmf, normal_quantile, normal_tail
from assay.stats.scores import Array, finite_scores

BinaryTest: TypeAlias = Literal["exact", "mid-p"]


class Discordance(NamedTuple):
    """How many questions only B, only A, and both or neither got right."""

    wins: int
    losses: int
    ties: int

    @property
    def n(self) -> int:
        """All questions."""
        return self.wins + self.losses + self.ties

    @property
    def delta(self) -> float:
        """B - A."""
        return (self.wins - self.losses) / self.n


class Interval(NamedTuple):
    """Both ends."""

    low: float
    high: float


def discordance(a: ArrayLike, b: ArrayLike) -> Discordance:
    """Count wins, losses and ties of B against A; scores need not be 0 or 1."""
    difference = finite_scores(b) - finite_scores(a)
    wins, losses = int(np.sum(difference > 0)), int(np.sum(difference < 0))
    return Discordance(wins, losses, len(difference) - wins - losses)


def mcnemar_exact(wins: int, losses: int) -> float:
    """Return the two-sided exact p-value: the binomial test on the discordant questions (McNemar 1947)."""
    if wins + losses == 0:
        return 1.0
    return min(1.0, 2 * binomial_cdf(min(wins, losses), n=wins + losses))


def mcnemar_midp(wins: int, losses: int) -> float:
    """Return the two-sided mid-p value: exact p less P(what was seen) (Fagerland et al. 2013)."""
    return float(midp_values(wins, losses))


def midp_values(wins: ArrayLike, losses: ArrayLike) -> Array:
    """Return the two-sided mid-p value of each pair of counts; 1 without any flip."""
    won, lost = np.asarray(wins, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    flips = won + lost
    seen = np.exp(-np.log1p(flips) - special.betaln(lost + 1, won + 1) - flips * math.log(2))
    below = special.bdtr(np.minimum(won, lost), flips.astype(np.int64), 0.5)
    p = np.where(won == lost, 1 - seen / 2, 2 * below - seen)
    return np.asarray(np.where(flips == 0, 1.0, p), dtype=np.float64)


def mcnemar_midp_worse(wins: int, losses: int) -> float:
    """Return the one-sided mid-p value for B being worse: P(X < wins) + P(X = wins)/2 of Bin(flips, 1/2)."""
    flips = wins + losses
    return binomial_cdf(wins, n=flips) - binomial_pmf(wins, n=flips) / 2


def mcnemar_z(wins: int, losses: int, *, continuity: bool = False) -> float | None:
    """Return the root of McNemar's chi-squared, |w - l|/sqrt(w + l), by Edwards less 1 in the numerator.

    None without any flip.
    """
    if wins + losses == 0:
        return None
    return max(0.0, abs(wins - losses) - (1 if continuity else 0)) / math.sqrt(wins + losses)


def mcnemar_score(wins: int, losses: int, *, continuity: bool = False) -> float | None:
    """Return McNemar's chi-squared p-value, with Edwards' correction if asked; None without any flip."""
    z = mcnemar_z(wins, losses, continuity=continuity)
    return None if z is None else 2 * normal_tail(z)


def probability_better(wins: int, losses: int) -> float:
    """Return P(B better) with a Dirichlet(1,1,1) prior on wins, losses and ties: 1 - I_0.5(w+1, l+1)."""
    return float(special.betaincc(wins + 1, losses + 1, 0.5))


def tango_z(delta: float, counts: Discordance) -> float:
    """Return Tango's score statistic for a true difference `delta` (Tango 1998)."""
    return float(tango_values(delta, counts.wins, counts.losses, counts.n))


def tango_values(delta: float, wins: ArrayLike, losses: ArrayLike, n: float) -> Array:
    """Return Tango's statistic of each pair of counts among n questions.

    z(D) = (w - l - nD)/sqrt(n (2q + D(1 - D))), q the larger root of 2n q^2 + (-w - l + (2n - w + l)D) q
    - l D(1 - D) = 0; infinite where the variance is zero.
    """
    w, lost = np.asarray(wins, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    linear = -w - lost + (2 * n - w + lost) * delta
    constant = -lost * delta * (1 - delta)
    root = np.sqrt(np.maximum(0.0, linear * linear - 8 * n * constant))
    variance = n * ((root - linear) / (2 * n) + delta * (1 - delta))
    above = w - lost - n * delta
    known = variance > 0
    infinite = np.where(above == 0, 0.0, np.copysign(math.inf, above))
    return np.asarray(np.where(known, above / np.sqrt(np.where(known, variance, 1.0)), infinite))


def tango(counts: Discordance, *, level: float = 0.95) -> Interval:
    """Return Tango's score interval of the paired difference; finite also when all tie."""
    if counts.n == 0:
        raise EmptyScores("There is no pair.", remedy="Check that both runs scored any question.")
    z = normal_quantile((1 + level) / 2)
    centre, edge = counts.delta, 1 - 1e-12

    def off(delta: float, target: float) -> float:
        return tango_z(delta, counts) - target

    def end(target: float, limit: float) -> float:
        if abs(centre) >= edge and (centre > 0) == (limit > 0):
            return limit
        far = limit * edge
        found = brentq(off, min(centre, far), max(centre, far), args=(target,), xtol=1e-14, rtol=8.9e-16)
        return float(found)

    return Interval(end(z, -1.0), end(-z, 1.0))


def non_inferiority_p(counts: Discordance, *, margin: float) -> float:
    """Return the one-sided p-value of B being worse than A by `margin` or more, by Tango's statistic."""
    _check_margin(margin)
    return normal_tail(tango_z(-margin, counts))


def bonett_price(counts: Discordance, *, level: float = 0.95) -> tuple[float, float, Interval]:
    """Return estimate, standard error and interval with a win and a loss more (Bonett and Price 2012)."""
    n = counts.n + 2
    win, loss = (counts.wins + 1) / n, (counts.losses + 1) / n
    estimate = win - loss
    se = math.sqrt((win + loss - estimate**2) / n)
    half = normal_quantile((1 + level) / 2) * se
    return estimate, se, Interval(max(-1.0, estimate - half), min(1.0, estimate + half))


def newcombe(counts: Discordance, *, both_right: int, level: float = 0.95) -> Interval:
    """Return Newcombe's interval of the paired difference by squaring and adding (Newcombe 1998, method 10).

    The distances of Wilson's limits from both shares, as if independent, less twice their product times the
    correlation phi, which is taken towards zero by n/2 in its numerator. `both_right` is how many of the ties
    both got right.
    """
    n, both_wrong = counts.n, counts.ties - both_right
    z = normal_quantile((1 + level) / 2)
    right_a, right_b = both_right + counts.losses, both_right + counts.wins
    product = right_a * right_b * (n - right_a) * (n - right_b)
    agreed = both_right * both_wrong - counts.wins * counts.losses
    numerator = max(agreed - n / 2, 0.0) if agreed > 0 else agreed
    phi = numerator / math.sqrt(product) if product else 0.0
    below_a, above_a = _wilson_distances(right_a, n, z)
    below_b, above_b = _wilson_distances(right_b, n, z)

    def distance(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    return Interval(counts.delta - distance(below_b, above_a), counts.delta + distance(below_a, above_b))


def fewest_flips(alpha: float = 0.05, *, test: BinaryTest = "mid-p") -> int:
    """Return how many one-way flips a two-sided test needs: 2 * 0.5^m <= alpha (exact), 0.5^m (mid-p)."""
    if not 0 < alpha < 1:
        raise StatisticsError(f"An alpha of {alpha} makes no test.", remedy="Give 0 < alpha < 1.")
    p = mcnemar_midp if test == "mid-p" else mcnemar_exact
    return next(m for m in count(1) if p(m, 0) <= alpha)


def largest_discordance(n: int, *, alpha: float = 0.05) -> float:
    """Bound the share of questions that flip where none did: 1 - alpha^(1/n), the rule of three."""
    return float(1 - alpha ** (1 / n))


def _wilson_distances(correct: int, n: int, z: float) -> Interval:
    """Return how far Wilson's limits lie below and above a share."""
    p = correct / n
    shift, half = (z * z / n) * (0.5 - p), z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    return Interval((half - shift) / scale, (half + shift) / scale)


def _check_margin(margin: float) -> None:
    if margin < 0:
        raise StatisticsError(f"A margin of {margin} is negative.", remedy="Give its size.")
