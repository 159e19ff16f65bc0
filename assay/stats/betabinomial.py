"""The share of right answers where each question has several samples, each right or wrong.

A question has a chance of its own, drawn from a Beta distribution; its right answers are then binomial. The
interval of the mean chance is read off its posterior, because on hard sets, where most questions score
nothing, the standard error of the questions' means is too small as often as it is too large.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from assay.errors import ScoreOutOfRange
from assay.stats.domain import fraction, same_length
from assay.stats.estimates import Interval
from assay.stats.scores import Array, finite_scores

WIDEST = 18.0
"""Ends of the first grid in logits: shares of 1e-8 and 1 - 1e-8."""
COARSE, FINE = 61, 201
"""Points of a grid in each direction while it closes in, and of the share in the end."""
ZOOMS = 8
"""Grids at most: each is some ten times narrower than the one before."""
MOST_SAMPLES = 100_000
"""Samples of a question that the posterior is computed for in a minute."""
NEGLIGIBLE = 25.0
"""Log density below the peak at which nothing is left, e^-25."""


class _Tally(NamedTuple):
    """How many questions have more than 0, 1, 2, ... right answers, wrong answers, and samples."""

    right: Array
    wrong: Array
    samples: Array


class _Grid(NamedTuple):
    """The points at which the posterior is evaluated: logits of the mean chance and of the correlation."""

    mean: Array
    correlation: Array


def beta_binomial_interval(correct: ArrayLike, *, samples: ArrayLike, level: float = 0.95) -> Interval:
    """Return the equal-tailed credible interval of the mean chance of a right answer.

    `correct` of `samples` answers of each question are right; c_i ~ BetaBinomial(K_i, m, rho), m and the
    correlation rho of two answers to one question uniform on (0, 1) beforehand (Bowyer et al. 2025). The
    interval reaches 0 or 1 where no or every answer is right. It covers 93 - 97 % where Student's on the
    questions' means covers 70 - 90 % (tests/stats/test_calibration.py).
    """
    fraction(level, name="level")
    tally = _tally(correct, samples)
    grid = _located(tally)
    density = _log_posterior(tally, grid)
    marginal = np.exp(density - density.max()).sum(axis=1)
    shares = special.expit(grid.mean)
    cumulative = np.concatenate([[0.0], np.cumsum((marginal[1:] + marginal[:-1]) / 2)])
    tail = (1 - level) / 2
    low, high = np.interp([tail, 1 - tail], cumulative / cumulative[-1], shares).tolist()
    return Interval(0.0 if not tally.right.any() else low, 1.0 if not tally.wrong.any() else high)


def _tally(correct: ArrayLike, samples: ArrayLike) -> _Tally:
    right, drawn = finite_scores(correct, low=0.0), finite_scores(samples, low=1.0, high=MOST_SAMPLES)
    same_length(correct=right, samples=drawn)
    if np.any(right > drawn) or np.any(right != np.rint(right)) or np.any(drawn != np.rint(drawn)):
        raise ScoreOutOfRange(
            "Right answers and samples are no counts of each other.", remedy="Count them again."
        )
    return _Tally(_more_than(right), _more_than(drawn - right), _more_than(drawn))


def _more_than(numbers: Array) -> Array:
    """Count for 0, 1, 2, ... how many numbers are larger."""
    counts = np.bincount(numbers.astype(np.intp))
    return (len(numbers) - np.cumsum(counts))[:-1].astype(np.float64)


def _located(tally: _Tally) -> _Grid:
    """Close in on where the posterior has its mass, from the whole range."""
    ends = [(-WIDEST, WIDEST), (-WIDEST, WIDEST)]
    for _ in range(ZOOMS):
        grid = _Grid(*(np.linspace(low, high, COARSE) for low, high in ends))
        density = _log_posterior(tally, grid)
        kept = density > density.max() - NEGLIGIBLE
        inside = [np.flatnonzero(kept.any(axis=1 - axis)) for axis in (0, 1)]
        ends = [_around(points, indices) for points, indices in zip(grid, inside, strict=True)]
        if all(len(indices) > COARSE // 4 for indices in inside):
            break
    return _Grid(np.linspace(*ends[0], FINE), np.linspace(*ends[1], COARSE))


def _around(points: Array, inside: NDArray[np.intp]) -> tuple[float, float]:
    """Return the ends of what lies inside, with a step to each side."""
    first, last = max(0, int(inside[0]) - 1), min(len(points) - 1, int(inside[-1]) + 1)
    return float(points[first]), float(points[last])


def _log_posterior(tally: _Tally, grid: _Grid) -> Array:
    """Return the log posterior density in logits, a row for each mean and a column for each correlation."""
    m, rho = grid.mean[:, None], grid.correlation[None, :]
    # Uniform densities, written in logits: x(1 - x) each.
    density = sum(special.log_expit(x) + special.log_expit(-x) for x in (m, rho))
    size = np.exp(-rho)  # (1 - rho)/rho, of the Beta distribution
    # B(a + c, b + d)/B(a, b) as products of a + j, b + j and a + b + j, which never cancel.
    for counts, base, sign in (
        (tally.right, special.expit(m) * size, 1),
        (tally.wrong, special.expit(-m) * size, 1),
        (tally.samples, size, -1),
    ):
        for j, questions in enumerate(counts):
            density = density + sign * questions * np.log(base + j)
    return np.asarray(density)


def typical_samples(samples: ArrayLike) -> float:
    """Return the harmonic mean of the samples per question, on which the standard error depends."""
    drawn = finite_scores(samples, low=1.0)
    return len(drawn) / math.fsum(1 / drawn)
