"""The questions of a task whose scores differ most, by position, before their texts are read."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.align import Aligned
from assay.stats.differences import Paired
from assay.stats.scores import Array

SHOWN_FLIPS = 200
SHOWN_CHANGES = 10
"""Changes shown of a task whose scores are numbers, where every question differs a little."""


class Change(NamedTuple):
    """A question on which the two sides differ."""

    question_id: str
    delta: float
    flaky: bool
    """Whether samples of one side disagree among themselves."""


class Changes(NamedTuple):
    """The largest losses and the largest wins of a task, and how many there are."""

    losses: tuple[Change, ...]
    wins: tuple[Change, ...]
    total: int
    worth_showing: int
    """How many of them are worth showing."""

    def balanced(self, *, most: int) -> list[Change]:
        """Keep losses and wins alike where not all fit."""
        half = most // 2
        losses = self.losses[: max(half, most - len(self.wins))]
        return [*losses, *self.wins[: most - len(losses)]]


def largest_changes(aligned: Aligned, paired: Paired, *, most: int = SHOWN_FLIPS) -> Changes:
    """Return the largest differences of a task, at most so many losses and as many wins."""
    values = paired.values
    worse, better = np.flatnonzero(values < 0), np.flatnonzero(values > 0)
    total = len(worse) + len(better)
    losses, wins = (
        tuple(_change(aligned, i, float(values[i])) for i in _largest(values, side, most))
        for side in (worse, better)
    )
    return Changes(losses, wins, total, total if paired.binary else min(total, SHOWN_CHANGES))


def _largest(values: Array, positions: NDArray[np.intp], most: int) -> list[int]:
    """Return the positions of the largest differences, in the order of questions where they are as large."""
    order = np.argsort(-np.abs(values[positions]), kind="stable")[:most]
    largest: list[int] = positions[order].tolist()
    return largest


def shares(worth_showing: Sequence[int], *, most: int) -> list[int]:
    """Divide `most` places: each task gets what it wants, or else as much as any other."""
    granted = [0] * len(worth_showing)
    left = most
    for rank, task in enumerate(sorted(range(len(worth_showing)), key=lambda task: worth_showing[task])):
        granted[task] = min(worth_showing[task], left // (len(worth_showing) - rank))
        left -= granted[task]
    return granted


def _change(aligned: Aligned, position: int, delta: float) -> Change:
    samples = (aligned.a[position].scored, aligned.b[position].scored)
    return Change(aligned.ids[position], delta, any(len(set(values)) > 1 for values in samples))
