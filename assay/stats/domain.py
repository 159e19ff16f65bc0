"""What the parameters of a statistic may be; anything else is a StatisticsError that names the parameter."""

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Protocol

from assay.errors import ScoreOutOfRange, StatisticsError

LARGEST = 1e60
"""The fourth power of a larger number overflows, and degrees of freedom need it."""
LARGEST_COUNT = 1 << 53
"""Integers above it are not exact as floats."""


class Lengthy(Protocol):
    """Something with a length."""

    def __len__(self) -> int: ...


def number(value: float, *, name: str) -> float:
    """Return a finite number."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise StatisticsError(f"{name} is {value!r}, which is not a number.", remedy="Give a number.")
    result = float(value) if abs(value) <= LARGEST else math.nan
    if math.isnan(result):
        raise StatisticsError(
            f"{name} is {value!r}, which is missing or too large.", remedy="Give a finite number."
        )
    return result


def fraction(value: float, *, name: str) -> float:
    """Return a number strictly between 0 and 1, such as a level or a power."""
    result = number(value, name=name)
    if not 0 < result < 1:
        raise StatisticsError(
            f"{name} is {value!r}, which is not between 0 and 1.",
            remedy="Give a fraction, such as 0.95 for 95 %.",
        )
    return result


def share(value: float, *, name: str) -> float:
    """Return a number from 0 to 1, both included."""
    result = number(value, name=name)
    if not 0 <= result <= 1:
        raise StatisticsError(
            f"{name} is {value!r}, which is not between 0 and 1.", remedy="Give a fraction."
        )
    return result


def positive(value: float, *, name: str) -> float:
    """Return a number above zero, and not so small that its inverse overflows."""
    result = number(value, name=name)
    if result < 1 / LARGEST:
        raise StatisticsError(f"{name} is {value!r}, which is not above zero.", remedy="Give its size.")
    return result


def non_negative(value: float, *, name: str) -> float:
    """Return a number that is zero or more."""
    result = number(value, name=name)
    if result < 0:
        raise StatisticsError(f"{name} is {value!r}, which is below zero.", remedy="Give its size.")
    return result


def freedom(value: float, *, name: str = "df") -> float:
    """Return degrees of freedom: a number above zero, or infinity."""
    if isinstance(value, Real) and not isinstance(value, bool) and value == math.inf:
        return math.inf
    return positive(value, name=name)


def count(value: int, *, name: str, least: int = 0, most: int = LARGEST_COUNT) -> int:
    """Return a whole number of at least `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise StatisticsError(f"{name} is {value!r}, which is not a count.", remedy="Give a whole number.")
    if value < least:
        raise ScoreOutOfRange(f"{name} is {value}, below {least}.", remedy="Count again.")
    if value > most:
        raise StatisticsError(
            f"{name} is above {most:,}, which is too many.", remedy="Give a smaller number."
        )
    return int(value)


def sides_of(value: int) -> int:
    """Return the number of sides of a test, 1 or 2."""
    if not isinstance(value, Integral) or value not in {1, 2}:
        raise StatisticsError(f"A test has one or two sides, not {value!r}.", remedy="Give 1 or 2.")
    return int(value)


def choice(value: str, *, name: str, among: Collection[str]) -> None:
    """Refuse a value that is none of these."""
    if value not in among:
        raise StatisticsError(
            f"{name} is {value!r}; it is one of {', '.join(sorted(among))}.", remedy="Choose one of them."
        )


def same_length(**columns: Lengthy) -> None:
    """Refuse columns of different lengths: broadcasting one over the other would pair wrong questions."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        columns_shown = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise StatisticsError(
            f"The lengths differ: {columns_shown}.", remedy="Align them: one value per question."
        )
