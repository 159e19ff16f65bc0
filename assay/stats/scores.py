"""The per-question numbers every statistic starts from, checked once."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.errors import EmptyScores, MissingScores, ScoreOutOfRange

Array: TypeAlias = NDArray[np.float64]


def finite_scores(
    scores: ArrayLike, *, ids: Sequence[str] = (), low: float | None = None, high: float | None = None
) -> Array:
    """Return the scores as floats after checking that each is a number inside the declared range.

    Raises EmptyScores, MissingScores (NaN, None or infinite) and ScoreOutOfRange, naming questions by `ids`
    or by position.
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    if not values.size:
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise MissingScores(
            f"{bad.size} of {values.size} scores are missing or infinite",
            ids=question_names(bad, ids=ids),
            remedy="Choose a policy: drop them or count them as zero.",
        )
    outside = np.flatnonzero(
        (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))
    )
    if outside.size:
        raise ScoreOutOfRange(
            f"{outside.size} scores lie outside [{low}, {high}]",
            ids=question_names(outside, ids=ids),
            remedy="Correct the scorer or the declared range.",
        )
    return values


def question_names(positions: Iterable[int], *, ids: Sequence[str] = ()) -> list[str]:
    """Name questions for a message: by id, or by position where no ids are known."""
    return [ids[i] if len(ids) else f"#{i}" for i in positions]
