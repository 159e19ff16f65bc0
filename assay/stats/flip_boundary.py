"""Stopping a comparison of right-or-wrong scores early, at exactly the error rate asked for.

The mixture of `sequential` pays for a stream without end. The questions of a benchmark do end, and each flip
is a fair coin under the null, so the chance of ever crossing a boundary can be computed, not bounded.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from assay.errors import StatisticsError

SHAPE = 0.25
"""Halfway between a boundary that hardly ever stops early (0) and one that spends most of it (0.5)."""


@dataclass(frozen=True)
class FlipBoundary:
    """How many more wins than losses, or losses than wins, end the comparison after each flip."""

    lead: tuple[int, ...]
    """The lead needed after 0, 1, 2, ... flips; one more than the flips where nothing suffices."""
    alpha: float
    size: float
    """The chance of stopping though neither side is better, over all flips; at most alpha."""

    @property
    def horizon(self) -> int:
        """The largest number of flips."""
        return len(self.lead) - 1

    def decide(self, wins: int, losses: int) -> int:
        """Return 1 where B is better, -1 where A is, 0 to go on."""
        flips = wins + losses
        if flips > self.horizon:
            raise StatisticsError(
                f"The boundary was made for {self.horizon} flips.",
                remedy="Plan with the number of questions.",
            )
        return (1 if wins > losses else -1) if abs(wins - losses) >= self.lead[flips] else 0

    def hopeless(self, wins: int, losses: int, *, flips_left: int) -> bool:
        """Tell whether no way the remaining flips may fall can reach the boundary."""
        seen = wins + losses
        ahead = range(seen, min(seen + flips_left, self.horizon) + 1)
        return all(abs(wins - losses) + (m - seen) < self.lead[m] for m in ahead)


class Crossing(NamedTuple):
    """What a boundary does when only B is right in a given share of the flips."""

    better: float
    """Chance that it ends with B better."""
    worse: float
    mean_flips: float
    """Flips looked at on average, all of them where it never ends early."""


def flip_boundary(horizon: int, *, alpha: float = 0.05, shape: float = SHAPE) -> FlipBoundary:
    """Return the boundary c sqrt(M) (m/M)^shape on the lead after m of at most M flips (Wang, Tsiatis 1987).

    c is the smallest whose chance of being crossed by fair coins is at most `alpha`, found with the exact
    distribution of the walk. Plan M as the flips expected (questions times the share that flips); a set that
    holds fewer costs power, never the error rate, and more are not looked at.
    """
    if horizon < 1 or not 0 < alpha < 1 or not 0 <= shape <= 0.5:
        raise StatisticsError(
            f"No boundary for {horizon} flips, alpha {alpha} and shape {shape}.",
            remedy="Give one flip or more, 0 < alpha < 1 and 0 <= shape <= 1/2.",
        )
    return _boundary(horizon, alpha, shape)


def mixture_boundary(horizon: int, *, alpha: float = 0.05, prior: float = 1.0) -> FlipBoundary:
    """Return the boundary of the Beta(a, a) mixture at E >= 1/alpha, for comparison with `flip_boundary`."""
    from_ = np.arange(horizon + 1)
    return _finished(np.array([_mixture_lead(m, alpha, prior) for m in from_.tolist()]), alpha)


def crossing(boundary: FlipBoundary, *, win_rate: float = 0.5) -> Crossing:
    """Return the exact chances of a boundary and its mean number of flips, by following the walk."""
    return _walk(np.array(boundary.lead), win_rate)
