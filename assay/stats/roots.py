"""Where a continuous function is zero, without scipy.optimize, which takes longer to load than all else."""

import math
from collections.abc import Callable

STEPS = 200
"""Bisection alone needs some 60 for any bracket of ordinary numbers."""
RELATIVE = 4 * 2.220446049250313e-16


def root(function: Callable[[float], float], low: float, high: float, *, xtol: float = 1e-14) -> float:
    """Return a zero of a function between two points at which its signs differ.

    Inverse quadratic interpolation where the last three points support it, else bisection (Chandrupatla
    1997, Advances in Engineering Software 28(3)). The result is within xtol + 4 eps |x| of a zero. Raises
    ValueError where the signs agree.
    """
    new, old = low, high
    f_new, f_old = function(new), function(old)
    if f_new == 0 or f_old == 0:
        return new if f_new == 0 else old
    if not f_new * f_old < 0:
        raise ValueError("the function has the same sign at both ends")
    share = 0.5
    for _ in range(STEPS):
        point = new + share * (old - new)
        value = function(point)
        if (value > 0) == (f_new > 0):
            third, f_third = new, f_new
        else:
            third, f_third, old, f_old = old, f_old, new, f_new
        new, f_new = point, value
        best = new if abs(f_new) < abs(f_old) else old
        least = (RELATIVE * abs(best) + xtol) / abs(old - new) if old != new else math.inf
        if value == 0 or least > 0.5:
            return best
        share = _share(new, old, third, (f_new, f_old, f_third))
        share = min(max(share, least), 1 - least)
    return best


def _share(new: float, old: float, third: float, values: tuple[float, float, float]) -> float:
    """Return how far to go from the newest point towards the one of the other sign."""
    f_new, f_old, f_third = values
    if f_old in {f_new, f_third} or f_third == f_new or third == old:
        return 0.5
    position = (new - old) / (third - old)
    height = (f_new - f_old) / (f_third - f_old)
    if not (height**2 < position and (1 - height) ** 2 < 1 - position):
        return 0.5
    return f_new / (f_old - f_new) * f_third / (f_old - f_third) + (third - new) / (old - new) * f_new / (
        f_third - f_new
    ) * f_old / (f_third - f_old)
