"""The per-question numbers every statistic starts from, checked once."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.errors import EmptyScores, MissingScores, ScoreOutOfRange, StatisticsError
from assay.stats.domain import LARGEST

Array: TypeAlias = NDArray[np.float64]
NUMBERS = "biuf"
"""Kinds of numpy types that are numbers; complex ones, texts and times are not."""


def finite_scores(
    scores: ArrayLike, *, ids: Sequence[str] = (), low: float | None = None, high: float | None = None
) -> Array:
    """Return one score per question as floats, after checking that each is a number inside the range.

    Raises EmptyScores, MissingScores (NaN, None or infinite), ScoreOutOfRange, naming questions by `ids`
    or by position, and StatisticsError where there is not one number per question.
    """
    values = as_floats(scores)
    if values.ndim != 1:
        raise StatisticsError(
            f"The scores have {values.ndim} dimensions.",
            remedy="Give one number per question; reduce several samples of a question first.",
        )
    positions = np.flatnonzero(~np.isfinite(values))
    if positions.size:
        raise MissingScores(
            f"{positions.size} of {values.size} scores are missing or infinite",
            ids=question_names(positions, ids=ids),
            remedy="Choose a policy: drop them or count them as zero.",
        )
    _check_range(values, ids=ids, low=low, high=high)
    return values


def as_floats(scores: ArrayLike) -> Array:
    """Return an array of floats, in which NaN stands for what is missing; raises StatisticsError."""
    try:
        raw = np.asarray(scores)
        if raw.dtype.kind == "O":
            # None is a missing score; a text or a complex number is no score at all.
            if any(isinstance(value, (str, bytes, complex)) for value in raw.flat):
                raise TypeError
            raw = raw.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise StatisticsError(
            "Some scores are not numbers.", remedy="Give a flat list of numbers, one per question."
        ) from error
    if not raw.size:
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    if raw.dtype.kind not in NUMBERS:
        raise StatisticsError("Some scores are not numbers.", remedy="Give a flat list of numbers.")
    return raw.astype(np.float64, copy=False)


def is_binary(scores: Array) -> bool:
    """Whether every score is 0 or 1."""
    return bool(np.all((scores == 0) | (scores == 1)))


def question_names(positions: Iterable[int], *, ids: Sequence[str] = ()) -> list[str]:
    """Name questions for a message: by id, or by position where no ids are known."""
    return [ids[i] if len(ids) else f"#{i}" for i in positions]


def _check_range(values: Array, *, ids: Sequence[str], low: float | None, high: float | None) -> None:
    if np.abs(values).max() > LARGEST:
        raise ScoreOutOfRange(f"Some scores are larger than {LARGEST:g}.", remedy="Rescale them.")
    lowest, highest = -np.inf if low is None else low, np.inf if high is None else high
    positions = np.flatnonzero((values < lowest) | (values > highest))
    if positions.size:
        raise ScoreOutOfRange(
            f"{positions.size} scores lie outside [{low}, {high}]",
            ids=question_names(positions, ids=ids),
            remedy="Correct the scorer or the declared range.",
        )
