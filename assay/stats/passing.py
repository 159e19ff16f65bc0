"""pass@k and pass^k: does one of k samples pass, do all, each estimated without bias from n samples."""

from collections.abc import Callable, Sequence
from functools import cache
from math import comb, sqrt

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import EmptyScores, NotEnoughSamples, ScoreOutOfRange
from assay.stats.scores import Array, question_names


def pass_at_k(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return for each question the chance that one of `k` samples passes: 1 - C(n-c, k)/C(n, k).

    The unbiased estimate from c passes of n samples (Chen et al. 2021). Fewer than k samples raise
    NotEnoughSamples; a sample that could not be run is not among the n. For a suite take the `mean`.
    """
    return _per_question(lambda c, m: 1 - none_pass(c, m, k), correct, n=n, least=k, ids=ids)


def pass_hat_k(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return for each question the chance that all of `k` samples pass: C(c, k)/C(n, k) (Yao et al. 2024).

    The plug-in (c/n)^k is biased upwards.
    """
    return _per_question(lambda c, m: none_pass(m - c, m, k), correct, n=n, least=k, ids=ids)


def pass_at_k_variance(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return an unbiased variance of each question's pass@k over its samples, from 2k samples or more.

    (1-u)^2 - C(n-c, 2k)/C(n, 2k): the square of an unbiased estimate less an unbiased estimate of the square.
    Single values may be negative; add them up before clipping.
    """
    return _per_question(lambda c, m: _variance(c, m, k), correct, n=n, least=2 * k, ids=ids)


def pass_hat_k_variance(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return an unbiased variance of each question's pass^k over its samples, from 2k samples or more."""
    return _per_question(lambda c, m: _variance(m - c, m, k), correct, n=n, least=2 * k, ids=ids)


def same_questions_error(variances: Array) -> float:
    """Return the error of a suite's mean if the same questions were sampled again: sqrt(max(0, sum v))/N."""
    if not len(variances):
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    return sqrt(max(0.0, float(variances.sum()))) / len(variances)


@cache
def none_pass(correct: int, n: int, k: int) -> float:
    """Return the chance that none of `k` samples drawn from `n` is among the `correct` ones."""
    return comb(n - correct, k) / comb(n, k)


def _variance(correct: int, n: int, k: int) -> float:
    return none_pass(correct, n, k) ** 2 - none_pass(correct, n, 2 * k)


def _per_question(
    formula: Callable[[int, int], float], correct: ArrayLike, *, n: ArrayLike, least: int, ids: Sequence[str]
) -> Array:
    passed, drawn = np.broadcast_arrays(np.asarray(correct), np.asarray(n))
    if passed.ndim == 0:
        passed, drawn = passed.reshape(1), drawn.reshape(1)
    if not passed.size:
        raise EmptyScores("There is no score.", remedy="Check that the run scored any question.")
    impossible = np.flatnonzero((passed < 0) | (passed > drawn))
    if impossible.size:
        raise ScoreOutOfRange(
            "More samples passed than were drawn",
            ids=question_names(impossible, ids=ids),
            remedy="Count them again.",
        )
    short = np.flatnonzero(drawn < least)
    if short.size:
        raise NotEnoughSamples(
            f"{short.size} questions have fewer than {least} samples",
            ids=question_names(short, ids=ids),
            remedy="Draw more samples or choose a smaller k.",
        )
    pairs = zip(passed.tolist(), drawn.tolist(), strict=True)
    return np.array([formula(int(c), int(m)) for c, m in pairs], dtype=np.float64)
