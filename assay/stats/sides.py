"""The scores of two systems on the same questions, signed so that more is better."""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.stats.domain import same_length
from assay.stats.estimates import Influenced, mean, ratio
from assay.stats.scores import Array, finite_scores

Units: TypeAlias = tuple[ArrayLike, ArrayLike]
"""What each question counts in a ratio (bytes, for bits per byte), of A and of B."""


class Sides(NamedTuple):
    """The scores of both sides, signed so that more is better, and what they are averaged by."""

    a: Array
    b: Array
    difference: Array
    """B - A, without what only rounding makes different."""
    units: tuple[Array, Array] | None

    def influenced(self) -> tuple[Influenced, Influenced]:
        """Return the score of A and that of B."""
        if self.units is None:
            return mean(self.a), mean(self.b)
        units_a, units_b = self.units
        return (
            ratio(self.a * units_a, denominator=units_a),
            ratio(self.b * units_b, denominator=units_b),
        )

    def contributions(self) -> Array:
        """Return what each question adds to the difference."""
        if self.units is None:
            return self.difference / len(self.difference)
        shares = [units / units.sum() for units in self.units]
        return np.asarray(self.b * shares[1] - self.a * shares[0])

    def influenced_difference(self) -> Influenced:
        """Return the difference of both scores with the influence of each question."""
        if self.units is None:
            return mean(self.difference)
        a, b = self.influenced()
        assert a.leverage is not None
        assert b.leverage is not None
        return Influenced(b.value - a.value, b.influence - a.influence, (a.leverage + b.leverage) / 2)


def signed_sides(before: Array, after: Array, units: Units | None, *, sign: float) -> Sides:
    """Sign the scores, levelling what only rounding makes different."""
    rounding = 4 * np.finfo(np.float64).eps * np.maximum(np.abs(before), np.abs(after))
    difference = after - before
    difference[np.abs(difference) <= rounding] = 0.0
    # A constant shift stays constant: what rounding adds would pass for a tiny variance.
    if np.ptp(difference) <= float(rounding.max()):
        difference = np.full_like(difference, np.median(difference))
    if units is None:
        return Sides(sign * before, sign * after, sign * difference, None)
    weights = [finite_scores(side, low=0.0) for side in units]
    same_length(scores=before, **{"units of A": weights[0], "units of B": weights[1]})
    return Sides(sign * before, sign * after, sign * difference, (weights[0], weights[1]))


def correlation(a: ArrayLike, b: ArrayLike) -> float | None:
    """Return Pearson's correlation (1895); None where one side is constant or has one value."""
    before, after = finite_scores(a), finite_scores(b)
    same_length(**{"scores of A": before, "scores of B": after})
    # Scaling keeps the squares of very small and very large scores inside the range of floats.
    scaled = []
    for side in (before, after):
        centred = side - side.mean()
        largest = float(np.abs(centred).max())
        if len(side) < 2 or np.ptp(side) == 0 or largest == 0:
            return None
        scaled.append(centred / largest)
    product = float(scaled[0] @ scaled[1])
    size = math.sqrt(float(scaled[0] @ scaled[0]) * float(scaled[1] @ scaled[1]))
    return max(-1.0, min(1.0, product / size))
