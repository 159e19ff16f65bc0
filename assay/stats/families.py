"""Corrections for many comparisons at once.

Written out because they are a line each, while `scipy.stats` takes a second to import and has no Holm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from assay.stats.domain import choice, fraction, share
from assay.stats.scores import Array

Adjustment: TypeAlias = Literal["holm", "bh", "by", "bonferroni"]


@dataclass(frozen=True)
class Family:
    """The adjusted p-values of a family of comparisons, with what the family was."""

    name: str
    method: Adjustment
    members: tuple[str, ...]
    """Those that took part, in the order given."""
    adjusted: Mapping[str, float | None]
    """Adjusted p-values; None for those that had none and left the family."""
    left_out: tuple[str, ...] = ()
    """Those whose p-value is not defined."""

    @property
    def size(self) -> int:
        """Number of comparisons corrected for."""
        return len(self.members)

    def rejected(self, alpha: float = 0.05) -> tuple[str, ...]:
        """Name the members that stay significant at `alpha` after the correction."""
        fraction(alpha, name="alpha")
        return tuple(m for m in self.members if (p := self.adjusted[m]) is not None and p <= alpha)


def adjust(p_values: Mapping[str, float | None], *, name: str, method: Adjustment = "holm") -> Family:
    """Adjust the p-values of a family; those that are not defined leave it and do not count.

    Holm (1979), the running maximum of p_(i)(m - i + 1), and Bonferroni, m p, bound the chance of any false
    positive; BH (Benjamini and Hochberg 1995), the running minimum of p_(i) m/i, bounds the share of false
    ones among those found, and BY (Benjamini and Yekutieli 2001), BH times sum(1/i), does so under any
    dependence.
    """
    choice(method, name="method", among=FORMULAS)
    members = tuple(member for member, p in p_values.items() if p is not None)
    raw = np.array([share(p, name=f"p of {m!r}") for m, p in p_values.items() if p is not None])
    corrected = dict(zip(members, FORMULAS[method](raw).tolist(), strict=True))
    left_out = tuple(m for m in p_values if m not in corrected)
    return Family(name, method, members, {m: corrected.get(m) for m in p_values}, left_out)


def holm(p: Array) -> Array:
    """Adjust by Holm's step down: the running maximum of p_(i) (m - i + 1)."""
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _unsort(steps, order)


def benjamini_hochberg(p: Array) -> Array:
    """Adjust by Benjamini and Hochberg's step up: the running minimum, from the largest, of p_(i) m/i."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    return _unsort(np.minimum.accumulate(scaled[::-1])[::-1], order)


def benjamini_yekutieli(p: Array) -> Array:
    """Adjust by Benjamini and Yekutieli: as BH with m sum(1/i) in place of m."""
    order = np.argsort(p, kind="stable")
    ranks = np.arange(1, len(p) + 1)
    scaled = p[order] * len(p) * np.sum(1 / ranks) / ranks
    return _unsort(np.minimum.accumulate(scaled[::-1])[::-1], order)


def bonferroni(p: Array) -> Array:
    """Adjust by Bonferroni: m p."""
    return np.minimum(p * len(p), 1.0)


def _unsort(adjusted: Array, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Array:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return result


FORMULAS: dict[Adjustment, Callable[[Array], Array]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
    "by": benjamini_yekutieli,
    "bonferroni": bonferroni,
}
