"""Axes: where round numbers lie and how they are written."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


def nice_ticks(low: float, high: float, *, wanted: int = 5) -> list[float]:
    """Choose round numbers between two ends."""
    step = 10 ** np.floor(np.log10((high - low) / wanted))
    step *= min((m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= wanted + 1), default=10)
    first = np.ceil(low / step)
    return [float(round(step * k, 12)) for k in np.arange(first, np.floor(high / step) + 1)]


def score_label(value: float, *, unit: str) -> str:
    """Write a mark of an axis of scores."""
    return f"{value * 100:g}%" if unit == "rate" else f"{value:g}"


def difference_label(value: float, *, unit: str) -> str:
    """Write a mark of an axis of differences."""
    shown = value * 100 if unit == "rate" else value
    return f"{shown:+g}" if shown else "0"
