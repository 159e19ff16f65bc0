"""Looking more than once: spending alpha over checkpoints and within one comparison, and e-processes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from assay.errors import StatisticsError
from assay.stats.scores import Array, finite_scores

PACE = 0.4
"""Exponent of what may be spent by a share of the questions: the smaller, the more is spent early."""


@dataclass(frozen=True)
class EPath:
    """An e-process along the flips of one comparison, in a fixed or random order."""

    e: Array
    """Evidence before any flip and after each; 1 at the start."""
    running_max: float
    p_anytime: float
    """1 / running maximum: valid whenever one looks (Ville's inequality)."""
    first_crossing: int | None
    """After how many flips it reached 1/alpha; None where it did not."""


class Crossing(NamedTuple):
    """Where a path of flips first left its bounds."""

    asked: int
    """After how many questions."""
    won: bool
    """Whether B was ahead."""


def alpha_spent(look: int, *, alpha: float = 0.05) -> float:
    """Return what look t = 1, 2, ... may spend: alpha 6/(pi^2 t^2), which adds up to alpha.

    Valid under any dependence, such as the same questions at every checkpoint against one reference; the
    e-values of such looks must not be multiplied.
    """
    if look < 1:
        raise StatisticsError(f"Look {look} is none.", remedy="Count looks from 1.")
    return alpha * 6 / (math.pi**2 * look**2)


def e_lond(e_values: ArrayLike, *, alpha: float = 0.05) -> list[bool]:
    """Tell which of a stream of e-values are discoveries: e_t >= 1/alpha_t (e-LOND, Xu and Ramdas 2024).

    alpha_t = alpha 6/(pi^2 t^2) (D + 1) with D discoveries before; the share of false ones stays below alpha
    under any dependence.
    """
    found: list[bool] = []
    for look, e in enumerate(finite_scores(e_values, low=0.0).tolist(), start=1):
        found.append(e * alpha_spent(look, alpha=alpha) * (sum(found) + 1) >= 1)
    return found


def e_value(wins: int, losses: int, *, a: float = 1.0) -> float:
    """Return the evidence against a fair coin: 2^m B(a+w, a+l)/B(a, a), a mixture over Beta(a, a)."""
    return math.exp(log_e_value(wins, losses, a=a))


def log_e_value(wins: int, losses: int, *, a: float = 1.0) -> float:
    """Return its natural logarithm, which does not overflow."""
    flips = wins + losses
    return flips * math.log(2) + float(special.betaln(a + wins, a + losses) - special.betaln(a, a))


def e_path(won: Iterable[bool], *, alpha: float = 0.05, a: float = 1.0) -> EPath:
    """Follow the evidence along flips, True where B won."""
    values = [1.0]
    wins = losses = 0
    for one in won:
        wins, losses = wins + one, losses + (not one)
        values.append(e_value(wins, losses, a=a))
    path = np.array(values)
    crossed = np.flatnonzero(path >= 1 / alpha)
    most = float(path.max())
    return EPath(path, most, min(1.0, 1 / most), int(crossed[0]) if crossed.size else None)


def first_crossing(
    outcomes: NDArray[np.integer], *, total: int, spend: float, every: int = 1
) -> Crossing | None:
    """Return where B, or A, was ahead by more than chance may be on the way to `total` questions.

    `outcomes` are 1 (only B right), -1 (only A) and 0 (tie) in the order asked; one looks after each
    `every` of them and after the last. Whatever flips, B is as likely to win a flip as to lose it under the
    null, so the path of wins is a fair random walk: its distribution is enumerated flip by flip, and at each
    look the outermost counts are taken away as long as the chance taken so far, on both sides together, stays
    within spend (t/total)^0.4 (Lan and DeMets 1983). So the chance of ever crossing is at most `spend`, given
    which questions flip, exactly and for any number of looks.
    """
    looks = [*range(every, len(outcomes), every), len(outcomes)]
    won, flipped = np.cumsum(outcomes > 0), np.cumsum(outcomes != 0)
    alive, flips, taken = np.ones(1), 0, 0.0
    for asked in looks:
        now = int(flipped[asked - 1])
        if now > flips:
            alive = np.convolve(alive, _fair(now - flips))
            flips = now
        allowed = (spend * (asked / total) ** PACE - taken) / 2
        tail = np.cumsum(alive[::-1])
        out = min(int(np.searchsorted(tail, allowed, side="right")), flips - flips // 2)
        wins = int(won[asked - 1])
        if max(wins, flips - wins) > flips - out:
            return Crossing(asked, 2 * wins > flips)
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
    sizes = np.asarray(t, dtype=np.float64)
    grown = sizes * r * r + 1
    widths: Array = sd * np.sqrt(2 * grown / (sizes * sizes * r * r) * np.log(np.sqrt(grown) / alpha))
    return widths


def tuning(*, alpha: float, t_star: int) -> float:
    """Return r = sqrt((-2 log alpha + log(-2 log alpha + 1))/t_star)."""
    return math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / t_star)


def _fair(flips: int) -> Array:
    """List the probability of each number of wins of a fair coin."""
    wins = np.arange(flips + 1.0)
    log_choose = -np.log(flips + 1) - special.betaln(flips - wins + 1, wins + 1)
    return np.asarray(np.exp(log_choose - flips * math.log(2)), dtype=np.float64)
