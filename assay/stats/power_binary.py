"""What right-or-wrong questions can detect: paired flips (McNemar) and two separate proportions."""

import math

import numpy as np
from scipy import special
from scipy.optimize import brentq

from assay.errors import ScoreOutOfRange, StatisticsError
from assay.stats.discordant import TESTS, BinaryTest, fewest_flips
from assay.stats.distributions import normal_quantile
from assay.stats.domain import choice, count, fraction, non_negative, number, positive, share, sides_of
from assay.stats.scores import Array

ENUMERABLE = 100_000
"""Questions whose numbers of flips and wins are enumerated in seconds."""


def flips_required(
    delta: float, *, discordant: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return how many pairs find `delta`, not rounded: ((z_a sqrt(psi) + z_b sqrt(psi - d^2))/d)^2.

    `discordant` is psi, the share of questions that flip either way (Connor 1987).
    """
    _check_discordance(delta, discordant)
    root = _connor(delta, discordant, alpha=alpha, power=power, sides=sides) / delta
    if abs(root) > 1e15:
        raise StatisticsError(
            "So small a difference needs too many pairs to count.", remedy="Give a larger one."
        )
    return root**2


def flips_effect(
    n: int, *, discordant: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest difference that n pairs find by Connor's formula (Connor 1987).

    None where n is zero, or even a difference of the whole discordant share is too small.
    """
    size = count(n, name="n")
    _check_discordance(discordant, discordant)

    def missing(delta: float) -> float:
        return _connor(delta, discordant, alpha=alpha, power=power, sides=sides) / math.sqrt(size) - delta

    if size == 0 or missing(discordant) > 0:
        _z(alpha=alpha, power=power, sides=sides)
        return None
    return float(brentq(missing, 0.0, discordant, xtol=1e-14)) if missing(0.0) > 0 else 0.0


def flips_power(
    n: int, *, win: float, loss: float, alpha: float = 0.05, sides: int = 2, test: BinaryTest = "mid-p"
) -> float:
    """Return the power of McNemar's test by enumerating all numbers of flips and wins.

    `win` and `loss` are the probabilities that only B, only A is right. One-sided tests look for B better.
    """
    size = count(n, name="n", most=ENUMERABLE)
    fraction(alpha, name="alpha")
    choice(test, name="test", among=TESTS)
    sides_of(sides)
    discordant = share(win, name="win") + share(loss, name="loss")
    if not 0 < discordant <= 1:
        raise ScoreOutOfRange(
            f"A share of {discordant:g} cannot flip.", remedy="Give shares of all questions."
        )
    chance = _binomial(np.arange(size + 1, dtype=np.float64), size, discordant)
    total = 0.0
    for flips in np.flatnonzero(chance > 1e-15).tolist():
        wins = np.arange(flips + 1, dtype=np.float64)
        significant = _p_values(wins, flips, sides=sides, test=test) <= alpha
        total += float(chance[flips] * _binomial(wins, flips, win / discordant)[significant].sum())
    return min(1.0, total)


def resolution_floor(n: int, *, alpha: float = 0.05, test: BinaryTest = "mid-p") -> float | None:
    """Return the smallest difference n questions can show at all: the flips a test needs, over n.

    None where n is smaller than that number, so that nothing can be shown.
    """
    needed = fewest_flips(alpha, test=test)
    return needed / n if count(n, name="n") >= needed else None


def proportions_power(n: float, *, p1: float, p2: float, alpha: float = 0.05, sides: int = 2) -> float:
    """Return the power of comparing two separate proportions of n questions each (Fleiss 1981).

    The variance is pooled under the null; the other tail is left out, as in R's power.prop.test.
    """
    share(p1, name="p1")
    share(p2, name="p2")
    z, _ = _z(alpha=alpha, power=0.5, sides=sides)
    pooled = math.sqrt(max(0.0, (p1 + p2) * (1 - (p1 + p2) / 2)))
    apart = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    distance = math.sqrt(non_negative(n, name="n")) * abs(p1 - p2) - z * pooled
    if apart == 0:
        return 1.0 if distance > 0 else 0.0
    return float(special.ndtr(distance / apart))


def proportions_required(
    *, p1: float, p2: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return how many questions each of two separate sets needs, not rounded (Fleiss 1981)."""
    if share(p1, name="p1") == share(p2, name="p2"):
        raise StatisticsError("Equal proportions have no difference to find.", remedy="Give the difference.")
    z, z_power = _z(alpha=alpha, power=power, sides=sides)
    pooled = math.sqrt(max(0.0, (p1 + p2) * (1 - (p1 + p2) / 2)))
    apart = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    root = (z * pooled + z_power * apart) / abs(p1 - p2)
    if root > 1e15:
        raise StatisticsError(
            "So small a difference needs too many questions to count.", remedy="Give a larger one."
        )
    return root**2


def proportions_effect(
    n: int, *, p1: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest gain over `p1` that two separate sets of n questions find (Fleiss 1981).

    None where no gain is large enough.
    """
    count(n, name="n")
    fraction(power, name="power")

    def missing(gain: float) -> float:
        return proportions_power(n, p1=p1, p2=min(1.0, p1 + gain), alpha=alpha, sides=sides) - power

    if share(p1, name="p1") >= 1 or missing(1 - p1) < 0:
        return None
    return float(brentq(missing, 0.0, 1 - p1, xtol=1e-14)) if missing(0.0) < 0 else 0.0


def proportion_effect(
    n: int, *, p0: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest gain over a fixed `p0` that n questions find; None where none is large enough.

    Solves z_a sqrt(p0 q0/n) + z_b sqrt(p1 q1/n) = p1 - p0, the null's and the alternative's own spread
    (Fleiss 1981).
    """
    size = count(n, name="n")
    z, z_power = _z(alpha=alpha, power=power, sides=sides)

    def missing(gain: float) -> float:
        p1 = min(1.0, p0 + gain)
        return (z * math.sqrt(p0 * (1 - p0)) + z_power * math.sqrt(p1 * (1 - p1))) / math.sqrt(size) - gain

    if share(p0, name="p0") >= 1 or size == 0 or missing(1 - p0) > 0:
        return None
    return float(brentq(missing, 0.0, 1 - p0, xtol=1e-14)) if missing(0.0) > 0 else 0.0


def _connor(delta: float, discordant: float, *, alpha: float, power: float, sides: int) -> float:
    z, z_power = _z(alpha=alpha, power=power, sides=sides)
    return z * math.sqrt(discordant) + z_power * math.sqrt(max(0.0, discordant - delta**2))


def _z(*, alpha: float, power: float, sides: int) -> tuple[float, float]:
    """Return the normal quantiles of a test and of its power."""
    tail = fraction(alpha, name="alpha") / sides_of(sides)
    return normal_quantile(1 - tail), normal_quantile(fraction(power, name="power"))


def _p_values(wins: Array, flips: int, *, sides: int, test: BinaryTest) -> Array:
    """List the p-value of each number of wins out of `flips`."""
    seen = _binomial(wins, flips, 0.5)
    if sides == 1:
        above = np.cumsum(seen[::-1])[::-1]
        return np.asarray(above - (seen / 2 if test == "mid-p" else 0.0))
    below = np.cumsum(seen)[np.minimum(wins, flips - wins).astype(np.intp)]
    if test == "exact":
        return np.minimum(1.0, 2 * below)
    return np.where(2 * wins == flips, 1 - seen / 2, 2 * below - seen)


def _binomial(counts: Array, n: int, p: float) -> Array:
    log_choose = -np.log(n + 1) - special.betaln(n - counts + 1, counts + 1)
    terms = log_choose + special.xlogy(counts, p) + special.xlog1py(n - counts, -p)
    return np.asarray(np.exp(terms), dtype=np.float64)


def _check_discordance(delta: float, discordant: float) -> None:
    number(delta, name="delta")
    positive(discordant, name="discordant")
    if not (discordant <= 1 and 0 < abs(delta) <= discordant):
        raise StatisticsError(
            f"A difference of {delta} cannot come from a share of {discordant} that flips.",
            remedy="Give a share above zero, and a difference no larger than it.",
        )
