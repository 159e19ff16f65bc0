"""How the differences of a task's questions spread, where they are more than right or wrong."""

import math

import numpy as np

from assay.report.models import Spread
from assay.stats.scores import Array

SIDE = 10
"""Most bars on each side of the one that holds no difference."""
WITHIN = 0.99
"""Share of the questions that the axis covers; a few outliers would leave one bar for all others."""
ROUND = (1, 2, 5, 10)
"""First digits of the width of a bar."""


def spread(differences: Array) -> Spread | None:
    """Count differences in bars of one width, the middle one around zero; None where there are none.

    What lies beyond the outermost bars is counted in them, and counted apart too.
    """
    sizes = np.abs(differences)
    if not sizes.size or sizes.max() == 0:
        return None
    reach = float(np.quantile(sizes, WITHIN)) or float(sizes.max())
    width = _round_up(reach / SIDE)
    bars = np.rint(differences / width)
    last = int(min(SIDE, np.abs(bars).max()))
    counts = np.bincount((np.clip(bars, -last, last) + last).astype(np.int64), minlength=2 * last + 1)
    beyond = int(np.sum(np.abs(bars) > last))
    return Spread(width=width, counts=tuple(int(count) for count in counts), beyond=beyond)


def _round_up(size: float) -> float:
    """Return the next number of one digit that is 1, 2 or 5."""
    power = math.floor(math.log10(size))
    factor = next(f for f in ROUND if f * 10.0**power >= size * (1 - 1e-9))
    return float(f"{factor}e{power}")
