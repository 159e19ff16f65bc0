"""Looking more than once: spending alpha over checkpoints and within one comparison, and e-processes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from assay.errors import StatisticsError
from assay.stats.domain import count, fraction, non_negative, positive, share
from assay.stats.scores import Array, as_floats, finite_scores

PACE = 0.4
"""Exponent of what may be spent by a share of the questions: the smaller, the more is spent early."""
OVERFLOW = math.log(np.finfo(np.float64).max)


@dataclass(frozen=True)
class EPath:
    """An e-process along the flips of one comparison, in a fixed or random order."""

    log_e: Array
    """Natural logarithm of the evidence before any flip and after each; 0 at the start."""
    p_anytime: float
    """1 / running maximum: valid at any look (Ville's inequality)."""
    first_crossing: int | None
    """After how many flips it reached 1/alpha; None where it did not."""

    @property
    def e(self) -> Array:
        """The evidence; infinite above the largest float."""
        return np.array([_exp(value) for value in self.log_e.tolist()])

    @property
    def running_max(self) -> float:
        """The most evidence along the path; infinite above the largest float."""
        return _exp(float(self.log_e.max()))


class Crossing(NamedTuple):
    """Where a path of flips first left its bounds."""

    questions: int
    """After how many questions."""
    won: bool
    """Whether B was ahead."""


def alpha_spent(look: int, *, alpha: float = 0.05) -> float:
    """Return what look t = 1, 2, ... may spend: alpha 6/(pi^2 t^2), which adds up to alpha.

    Valid under any dependence, such as the same questions at every checkpoint against one reference; the
    e-values of such looks must not be multiplied.
    """
    if count(look, name="look") < 1:
        raise StatisticsError(f"There is no look {look}.", remedy="Count looks from 1.")
    return fraction(alpha, name="alpha") * 6 / (math.pi**2 * look**2)


def e_lond(e_values: ArrayLike, *, alpha: float = 0.05) -> list[bool]:
    """Return which of a stream of e-values are discoveries: e_t >= 1/alpha_t (e-LOND, Xu and Ramdas 2024).

    alpha_t = alpha 6/(pi^2 t^2) (D + 1) with D discoveries before; the share of false ones stays below alpha
    under any dependence.
    """
    discoveries: list[bool] = []
    total = 0
    for look, e in enumerate(finite_scores(e_values, low=0.0).tolist(), start=1):
        discovered = e * alpha_spent(look, alpha=alpha) * (total + 1) >= 1
        discoveries.append(discovered)
        total += discovered
    return discoveries


def e_value(wins: int, losses: int, *, a: float = 1.0) -> float:
    """Return the evidence against a fair coin: 2^m B(a+w, a+l)/B(a, a), a mixture over Beta(a, a).

    The method of mixtures (Robbins 1970). Infinite above the largest float, for some thousand flips one way;
    `log_e_value` does not overflow.
    """
    return _exp(log_e_value(wins, losses, a=a))


def log_e_value(wins: int, losses: int, *, a: float = 1.0) -> float:
    """Return the natural logarithm of `e_value` (Robbins 1970), which does not overflow."""
    positive(a, name="a")
    flips = count(wins, name="wins") + count(losses, name="losses")
    return flips * math.log(2) + float(special.betaln(a + wins, a + losses) - special.betaln(a, a))


def e_path(won: Iterable[bool], *, alpha: float = 0.05, a: float = 1.0) -> EPath:
    """Follow the evidence (`e_value`) along flips, True where B won; p = 1/maximum holds at all times.

    Ville's inequality (1939). `first_crossing` is None where it never reaches 1/alpha.
    """
    level = -math.log(fraction(alpha, name="alpha"))
    flips = _outcomes(won)
    wins = np.concatenate([[0.0], np.cumsum(flips)])
    losses = np.arange(len(wins)) - wins
    positive(a, name="a")
    log_e = np.arange(len(wins)) * math.log(2) + special.betaln(a + wins, a + losses) - special.betaln(a, a)
    crossed = np.flatnonzero(log_e >= level - 1e-12)
    return EPath(log_e, math.exp(-float(log_e.max())), int(crossed[0]) if crossed.size else None)


def first_crossing(
    outcomes: NDArray[np.integer], *, total: int, spend: float, every: int = 1
) -> Crossing | None:
    """Return where B, or A, was ahead by more than chance may be on the way to `total` questions.

    `outcomes` are 1 (only B right), -1 (only A) and 0 (tie) in the order asked, with a look after each
    `every` of them and after the last. Whatever flips, B is as likely to win a flip as to lose it under the
    null, so the path of wins is a fair random walk: its distribution is enumerated flip by flip, and at each
    look the outermost counts are taken away as long as the chance taken so far, on both sides together, stays
    within spend (t/total)^0.4 (Lan and DeMets 1983). So the chance of ever crossing is at most `spend`, given
    which questions flip, exactly and for any number of looks. None where it never is.
    """
    signs = finite_scores(outcomes, low=-1.0, high=1.0)
    if count(total, name="total", least=1) < len(signs):
        raise StatisticsError(
            f"There are {len(signs)} outcomes of {total} questions.", remedy="Give the size of the whole set."
        )
    share(spend, name="spend")
    looks = [*range(count(every, name="every", least=1), len(signs), every), len(signs)]
    won, flipped = np.cumsum(signs > 0), np.cumsum(signs != 0)
    alive, flips, taken = np.ones(1), 0, 0.0
    for questions in looks:
        flips_now = int(flipped[questions - 1])
        if flips_now > flips:
            alive = np.convolve(alive, _fair(flips_now - flips))
            flips = flips_now
        allowed = (spend * (questions / total) ** PACE - taken) / 2
        tail = np.cumsum(alive[::-1])
        out = min(int(np.searchsorted(tail, allowed, side="right")), flips - flips // 2)
        wins = int(won[questions - 1])
        if max(wins, flips - wins) > flips - out:
            return Crossing(questions, 2 * wins > flips)
        if out:
            taken += 2 * float(tail[out - 1])
            alive[flips + 1 - out :] = 0.0
            alive[:out] = 0.0
    return None


def confidence_sequence(t: ArrayLike, *, sd: float, alpha: float = 0.05, t_star: int) -> Array:
    """Return half-widths at sample sizes `t` of an asymptotic confidence sequence, tightest near `t_star`.

    sd sqrt(2 (t r^2 + 1)/(t^2 r^2) log(sqrt(t r^2 + 1)/alpha)) (Waudby-Smith et al. 2024, theorem 2.2).
    """
    r = tuning(alpha=alpha, t_star=t_star)
    non_negative(sd, name="sd")
    sizes = finite_scores(t, low=1.0)
    grown = sizes * r * r + 1
    widths: Array = sd * np.sqrt(2 * grown / (sizes * r) ** 2 * np.log(np.sqrt(grown) / alpha))
    return widths


def tuning(*, alpha: float, t_star: int) -> float:
    """Return r = sqrt((-2 log alpha + log(-2 log alpha + 1))/t_star) (Waudby-Smith et al. 2024)."""
    double = -2 * math.log(fraction(alpha, name="alpha"))
    return math.sqrt((double + math.log(double + 1)) / count(t_star, name="t_star", least=1))


def _fair(flips: int) -> Array:
    """List the probability of each number of wins of a fair coin."""
    wins = np.arange(flips + 1.0)
    log_choose = -np.log(flips + 1) - special.betaln(flips - wins + 1, wins + 1)
    return np.asarray(np.exp(log_choose - flips * math.log(2)), dtype=np.float64)


def _outcomes(won: Iterable[bool]) -> Array:
    """Return flips as zeros and ones."""
    try:
        flips = list(won)
    except TypeError as error:
        raise StatisticsError("The flips are not a list.", remedy="Give True where B won.") from error
    if not flips:
        return np.zeros(0)
    values = as_floats(flips)
    if values.ndim != 1 or not np.all((values == 0) | (values == 1)):
        raise StatisticsError("Some flips are neither won nor lost.", remedy="Give True where B won.")
    return values


def _exp(log_value: float) -> float:
    return math.inf if log_value > OVERFLOW else math.exp(log_value)
