"""What right-or-wrong questions can find: paired flips (McNemar) and two separate proportions."""

import math

import numpy as np
from scipy import special
from scipy.optimize import brentq

from assay.errors import StatisticsError
from assay.stats.discordant import BinaryTest, fewest_flips
from assay.stats.distributions import normal_quantile
from assay.stats.scores import Array


def flips_required(
    delta: float, *, discordant: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return how many pairs find `delta`, not rounded: ((z_a sqrt(psi) + z_b sqrt(psi - d^2))/d)^2.

    `discordant` is psi, the share of questions that flip either way (Connor 1987).
    """
    _check_discordance(delta, discordant)
    return (_connor(delta, discordant, alpha=alpha, power=power, sides=sides) / delta) ** 2


def flips_effect(
    n: int, *, discordant: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest difference that n pairs find by Connor's formula; None if even psi is too small."""

    def missing(delta: float) -> float:
        return _connor(delta, discordant, alpha=alpha, power=power, sides=sides) / math.sqrt(n) - delta

    _check_discordance(discordant, discordant)
    if missing(discordant) > 0:
        return None
    return float(brentq(missing, 0.0, discordant, xtol=1e-14))


def flips_power(
    n: int, *, win: float, loss: float, alpha: float = 0.05, sides: int = 2, test: BinaryTest = "mid-p"
) -> float:
    """Return the power of McNemar's test by enumerating all numbers of flips and wins.

    `win` and `loss` are the probabilities that only B, only A is right. One-sided tests look for B better.
    """
    discordant = win + loss
    _check_discordance(win - loss, discordant)
    flips = np.arange(n + 1, dtype=np.float64)
    chance = _binomial(flips, n, discordant)
    total = 0.0
    for m in np.flatnonzero(chance > 1e-15).tolist():
        wins = np.arange(m + 1, dtype=np.float64)
        found = _p_values(wins, m, sides=sides, test=test) <= alpha
        total += float(chance[m] * _binomial(wins, m, win / discordant)[found].sum())
    return total


def resolution_floor(n: int, *, alpha: float = 0.05, test: BinaryTest = "mid-p") -> float | None:
    """Return the smallest difference n questions can show at all: the flips a test needs, over n.

    None where n is smaller than that number, so that nothing can be shown.
    """
    needed = fewest_flips(alpha, test=test)
    return needed / n if n >= needed else None


def proportions_power(n: float, *, p1: float, p2: float, alpha: float = 0.05, sides: int = 2) -> float:
    """Return the power of comparing two separate proportions of n questions each (Fleiss 1981).

    The variance is pooled under the null; the other tail is left out, as in R's power.prop.test.
    """
    z = normal_quantile(1 - alpha / sides)
    pooled = math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2))
    apart = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    distance = math.sqrt(n) * abs(p1 - p2) - z * pooled
    if apart == 0:
        return 1.0 if distance > 0 else 0.0
    return float(special.ndtr(distance / apart))


def proportions_required(
    *, p1: float, p2: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return how many questions each of two separate sets needs, not rounded."""
    if p1 == p2:
        raise StatisticsError("Equal proportions have no difference to find.", remedy="Give the difference.")
    z, z_power = normal_quantile(1 - alpha / sides), normal_quantile(power)
    pooled = math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2))
    apart = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return ((z * pooled + z_power * apart) / (p1 - p2)) ** 2


def proportions_effect(
    n: int, *, p1: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest gain over `p1` that two separate sets of n questions find; None if none is."""

    def missing(gain: float) -> float:
        return proportions_power(n, p1=p1, p2=p1 + gain, alpha=alpha, sides=sides) - power

    if p1 >= 1 or missing(1 - p1) < 0:
        return None
    return float(brentq(missing, 0.0, 1 - p1, xtol=1e-14))


def proportion_effect(
    n: int, *, p0: float, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest gain over a fixed `p0` that n questions find; None if there is none.

    Solves z_a sqrt(p0 q0/n) + z_b sqrt(p1 q1/n) = p1 - p0, the null's and the alternative's own spread.
    """
    z, z_power = normal_quantile(1 - alpha / sides), normal_quantile(power)

    def missing(gain: float) -> float:
        p1 = min(1.0, p0 + gain)
        return (z * math.sqrt(p0 * (1 - p0)) + z_power * math.sqrt(p1 * (1 - p1))) / math.sqrt(n) - gain

    if p0 >= 1 or missing(1 - p0) > 0:
        return None
    return float(brentq(missing, 0.0, 1 - p0, xtol=1e-14))


def _connor(delta: float, discordant: float, *, alpha: float, power: float, sides: int) -> float:
    z, z_power = normal_quantile(1 - alpha / sides), normal_quantile(power)
    return z * math.sqrt(discordant) + z_power * math.sqrt(max(0.0, discordant - delta**2))


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
    if not (0 < discordant <= 1 and 0 < abs(delta) <= discordant):
        raise StatisticsError(
            f"A difference of {delta} cannot come from a share of {discordant} that flips.",
            remedy="Give a share above zero, and a difference no larger than it.",
        )
