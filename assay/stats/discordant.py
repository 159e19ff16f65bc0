"""Right-or-wrong answers to the same questions: wins (only B right), losses (only A right) and ties."""

import itertools
import math
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from assay.errors import EmptyScores, ScoreOutOfRange
from assay.stats.distributions import binomial_cdf, binomial_pmf, interval_quantile, normal_tail
from assay.stats.domain import choice, count, fraction, non_negative, number, positive, same_length
from assay.stats.estimates import Interval
from assay.stats.scores import Array, finite_scores

BinaryTest: TypeAlias = Literal["exact", "mid-p"]
TESTS = ("exact", "mid-p")


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
    def flips(self) -> int:
        """Questions on which the sides differ."""
        return self.wins + self.losses

    @property
    def delta(self) -> float:
        """B - A; raises EmptyScores without a question."""
        return (self.wins - self.losses) / checked(self).n


class BonettPrice(NamedTuple):
    """Bonett and Price's estimate of a paired difference."""

    value: float
    se: float
    interval: Interval


def checked(counts: Discordance) -> Discordance:
    """Return counts after checking that none is negative; raises EmptyScores where all are zero."""
    for name, value in zip(("wins", "losses", "ties"), counts, strict=True):
        count(value, name=name)
    if not any(counts):
        raise EmptyScores("There is no pair.", remedy="Check that both runs scored any question.")
    return counts


def discordance(a: ArrayLike, b: ArrayLike) -> Discordance:
    """Count wins, losses and ties of B against A; scores need not be 0 or 1."""
    before, after = finite_scores(a), finite_scores(b)
    same_length(**{"scores of A": before, "scores of B": after})
    difference = after - before
    wins, losses = int(np.sum(difference > 0)), int(np.sum(difference < 0))
    return Discordance(wins, losses, len(difference) - wins - losses)


def mcnemar_exact(wins: int, losses: int) -> float:
    """Return the two-sided exact p-value: the binomial test on the discordant questions (McNemar 1947)."""
    flips = _flips(wins, losses)
    if flips == 0:
        return 1.0
    return min(1.0, 2 * binomial_cdf(min(wins, losses), n=flips))


def mcnemar_midp(wins: int, losses: int) -> float:
    """Return the two-sided mid-p value: exact p less P(what was seen) (Fagerland et al. 2013).

    1 - P(what was seen)/2 where wins and losses are as many, and 1 without any.
    """
    _flips(wins, losses)
    return float(midp_values(wins, losses))


def midp_values(wins: ArrayLike, losses: ArrayLike) -> Array:
    """Return the two-sided mid-p value of each pair of counts; 1 without any flip."""
    won, lost = np.asarray(wins, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    flips, fewer = won + lost, np.minimum(won, lost)
    seen = np.exp(-np.log1p(flips) - special.betaln(lost + 1, won + 1) - flips * math.log(2))
    below = special.betainc(np.maximum(flips - fewer, 0.5), fewer + 1, 0.5)
    p = np.where(won == lost, 1 - seen / 2, 2 * below - seen)
    return np.asarray(np.where(flips == 0, 1.0, np.maximum(p, 0.0)), dtype=np.float64)


def mcnemar_midp_worse(wins: int, losses: int) -> float:
    """Return the one-sided mid-p value for B being worse: P(X < wins) + P(X = wins)/2 of Bin(flips, 1/2).

    Fagerland et al. (2013).
    """
    flips = _flips(wins, losses)
    return binomial_cdf(wins, n=flips) - binomial_pmf(wins, n=flips) / 2


def mcnemar_z(wins: int, losses: int, *, continuity: bool = False) -> float | None:
    """Return the root of McNemar's chi-squared, |w - l|/sqrt(w + l); None without any flip.

    With `continuity` the numerator is less by 1 (Edwards 1948).
    """
    flips = _flips(wins, losses)
    if flips == 0:
        return None
    return max(0.0, abs(wins - losses) - (1 if continuity else 0)) / math.sqrt(flips)


def mcnemar_score(wins: int, losses: int, *, continuity: bool = False) -> float | None:
    """Return the p-value of McNemar's chi-squared (McNemar 1947), `mcnemar_z`; None without any flip."""
    z = mcnemar_z(wins, losses, continuity=continuity)
    return None if z is None else 2 * normal_tail(z)


def probability_better(wins: int, losses: int) -> float:
    """Return P(B better) with a Dirichlet(1,1,1) prior on wins, losses and ties: 1 - I_0.5(w+1, l+1)."""
    _flips(wins, losses)
    return float(special.betaincc(wins + 1, losses + 1, 0.5))


def tango_z(delta: float, counts: Discordance) -> float:
    """Return Tango's score statistic for a true difference `delta` (Tango 1998).

    z(D) = (w - l - nD)/sqrt(n (2q + D(1 - D))), q the larger root of 2n q^2 + (-w - l + (2n - w + l)D) q
    - l D(1 - D) = 0; infinite where the variance is zero.
    """
    n = checked(counts).n
    if abs(number(delta, name="delta")) > 1:
        raise ScoreOutOfRange(f"A difference of {delta} is impossible.", remedy="Give a fraction.")
    return float(tango_values(delta, counts.wins, counts.losses, n))


def tango_values(delta: float, wins: ArrayLike, losses: ArrayLike, n: float) -> Array:
    """Return Tango's statistic (`tango_z`) of each pair of counts among n questions."""
    won, lost = np.asarray(wins, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    linear = -won - lost + (2 * n - won + lost) * delta
    constant = -lost * delta * (1 - delta)
    root = np.sqrt(np.maximum(0.0, linear * linear - 8 * n * constant))
    variance = n * ((root - linear) / (2 * n) + delta * (1 - delta))
    above = won - lost - n * delta
    defined = variance > 0
    infinite = np.where(above == 0, 0.0, np.copysign(math.inf, above))
    return np.asarray(np.where(defined, above / np.sqrt(np.where(defined, variance, 1.0)), infinite))


def tango(counts: Discordance, *, level: float = 0.95) -> Interval:
    """Return Tango's score interval of the paired difference; finite also when all tie (Tango 1998)."""
    z = interval_quantile(level)
    centre, edge = checked(counts).delta, 1 - 1e-12
    if counts.flips == 0:
        return tie_interval(counts.n, level=level)

    def off(delta: float, target: float) -> float:
        return float(tango_values(delta, counts.wins, counts.losses, counts.n)) - target

    def end(target: float, limit: float) -> float:
        if abs(centre) >= edge and (centre > 0) == (limit > 0):
            return limit
        far = limit * edge
        low, high = min(centre, far), max(centre, far)
        if off(low, target) * off(high, target) > 0:
            return limit
        return float(brentq(off, low, high, args=(target,), xtol=1e-14, rtol=8.9e-16))

    return Interval(end(z, -1.0), end(-z, 1.0))


def tie_interval(n: float, *, level: float = 0.95) -> Interval:
    """Return Tango's interval where all of n questions tie: -+ z^2/(n + z^2)."""
    square = interval_quantile(level) ** 2
    half = square / (positive(n, name="n") + square)
    return Interval(-half, half)


def non_inferiority_p(counts: Discordance, *, margin: float) -> float:
    """Return the one-sided p-value of B being worse than A by `margin` or more (Tango 1998)."""
    non_negative(margin, name="margin")
    return normal_tail(tango_z(-margin, counts))


def bonett_price(counts: Discordance, *, level: float = 0.95) -> BonettPrice:
    """Return estimate, standard error and interval with a win and a loss more (Bonett and Price 2012)."""
    n = checked(counts).n + 2
    win, loss = (counts.wins + 1) / n, (counts.losses + 1) / n
    value = win - loss
    se = math.sqrt((win + loss - value**2) / n)
    half = interval_quantile(level) * se
    return BonettPrice(value, se, Interval(max(-1.0, value - half), min(1.0, value + half)))


def newcombe(counts: Discordance, *, both_right: int, level: float = 0.95) -> Interval:
    """Return Newcombe's interval of the paired difference by squaring and adding (Newcombe 1998, method 10).

    The distances of Wilson's limits from both shares, as if independent, less twice their product times the
    correlation phi, which is taken towards zero by n/2 in its numerator. `both_right` is how many of the ties
    both got right.
    """
    n, both_wrong = checked(counts).n, counts.ties - count(both_right, name="both_right")
    if both_wrong < 0:
        raise ScoreOutOfRange(
            f"Both got {both_right} right of {counts.ties} ties.", remedy="Count the ties again."
        )
    z = interval_quantile(level)
    right_a, right_b = both_right + counts.losses, both_right + counts.wins
    product = float(right_a) * right_b * (n - right_a) * (n - right_b)
    agreed = both_right * both_wrong - counts.wins * counts.losses
    numerator = max(agreed - n / 2, 0.0) if agreed > 0 else agreed
    phi = numerator / math.sqrt(product) if product else 0.0
    a, b = _wilson_distances(right_a, n, z), _wilson_distances(right_b, n, z)

    def distance(first: float, second: float) -> float:
        return math.sqrt(max(0.0, first * first - 2 * phi * first * second + second * second))

    return Interval(counts.delta - distance(b.low, a.high), counts.delta + distance(a.low, b.high))


def fewest_flips(alpha: float = 0.05, *, test: BinaryTest = "mid-p") -> int:
    """Return how many one-way flips a two-sided test needs: 2 * 0.5^m <= alpha (exact), 0.5^m (mid-p)."""
    fraction(alpha, name="alpha")
    choice(test, name="test", among=TESTS)
    p = mcnemar_midp if test == "mid-p" else mcnemar_exact
    return next(m for m in itertools.count(1) if p(m, 0) <= alpha)


def largest_discordance(n: int, *, alpha: float = 0.05) -> float:
    """Bound the share of questions that flip where none did: 1 - alpha^(1/n), the rule of three."""
    count(n, name="n", least=1)
    return float(1 - fraction(alpha, name="alpha") ** (1 / n))


def _flips(wins: int, losses: int) -> int:
    return count(wins, name="wins") + count(losses, name="losses")


def _wilson_distances(correct: int, n: int, z: float) -> Interval:
    """Return how far Wilson's limits lie below and above a share."""
    p = correct / n
    shift, half = (z * z / n) * (0.5 - p), z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    return Interval((half - shift) / scale, (half + shift) / scale)
