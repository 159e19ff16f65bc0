"""Zeros as scipy finds them, of smooth, flat, steep and kinked functions."""

import math
from collections.abc import Callable

import pytest
from scipy.optimize import brentq

from assay.stats.roots import root

FUNCTIONS: list[tuple[Callable[[float], float], float, float]] = [
    (lambda x: x**3 - 2, 0.0, 2.0),
    (lambda x: math.exp(-20 * x) - 0.01, 0.0, 5.0),
    (lambda x: math.atan(1e6 * (x - 0.3)), -1.0, 1.0),
    (lambda x: 1.0 if x > 1 / 3 else -1.0, 0.0, 1.0),
    (lambda x: x - 1e-9, -1.0, 1.0),
    (lambda x: math.cos(x) - x, 0.0, 1.0),
]


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_zeros_are_those_of_scipy(number: int) -> None:
    function, low, high = FUNCTIONS[number]
    expected = brentq(function, low, high, xtol=1e-14, rtol=8.9e-16)
    assert root(function, low, high) == pytest.approx(expected, abs=2e-14)
    assert root(function, high, low) == pytest.approx(expected, abs=2e-14)


def test_a_zero_of_high_order_is_near_enough() -> None:
    assert root(lambda x: (x - 0.25) ** 9, -1.0, 1.0) == pytest.approx(0.25, abs=0.01)


def test_few_values_are_asked_for() -> None:
    asked: list[float] = []

    def counted(x: float) -> float:
        asked.append(x)
        return math.tanh(3 * (x - 0.123))

    root(counted, -1.0, 2.0)
    assert len(asked) < 15


def test_an_end_may_be_the_zero_and_without_change_of_sign_there_is_none() -> None:
    assert root(lambda x: x, 0.0, 1.0) == 0.0
    assert root(lambda x: x - 1, 0.0, 1.0) == 1.0
    with pytest.raises(ValueError, match="same sign"):
        root(lambda x: x + 1, 0.0, 1.0)
