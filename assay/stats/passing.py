"""pass@k and pass^k: whether one of k samples passes, or all do, estimated without bias from n samples."""

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from assay.errors import NotEnoughSamples, ScoreOutOfRange, StatisticsError
from assay.stats.domain import count
from assay.stats.scores import Array, as_floats, finite_scores, question_names

EXACT = 500
"""Samples up to which binomial coefficients are computed as integers; above, by logarithms."""


def pass_at_k(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return for each question the chance that one of `k` samples passes: 1 - C(n-c, k)/C(n, k).

    The unbiased estimate from c passes of n samples (Chen et al. 2021); `n` is one number for all questions
    or one for each. Fewer than k samples raise NotEnoughSamples; a sample that could not be run is not among
    the n. For a suite take the `mean`.
    """
    return _per_question(lambda c, m: 1 - none_pass(c, m, k), correct, n=n, k=k, times=1, ids=ids)


def pass_hat_k(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return for each question the chance that all of `k` samples pass: C(c, k)/C(n, k) (Yao et al. 2024).

    The plug-in (c/n)^k is biased upwards.
    """
    return _per_question(lambda c, m: none_pass(m - c, m, k), correct, n=n, k=k, times=1, ids=ids)


def pass_at_k_variance(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return an unbiased variance of each question's pass@k over its samples, from 2k samples or more.

    (1-u)^2 - C(n-c, 2k)/C(n, 2k): the square of an unbiased estimate less an unbiased estimate of the square.
    Single values may be negative; add them up before clipping.
    """
    return _per_question(lambda c, m: _variance(c, m, k), correct, n=n, k=k, times=2, ids=ids)


def pass_hat_k_variance(correct: ArrayLike, *, n: ArrayLike, k: int, ids: Sequence[str] = ()) -> Array:
    """Return an unbiased variance of each question's pass^k over its samples, from 2k samples or more."""
    return _per_question(lambda c, m: _variance(m - c, m, k), correct, n=n, k=k, times=2, ids=ids)


def same_questions_error(variances: ArrayLike) -> float:
    """Return the error of a suite's mean if the same questions were sampled again: sqrt(max(0, sum v))/N."""
    values = finite_scores(variances)
    return math.sqrt(max(0.0, float(values.sum()))) / len(values)


@cache
def none_pass(correct: int, n: int, k: int) -> float:
    """Return the chance that none of `k` samples drawn from `n` is among the `correct` ones."""
    if n - correct < k:
        return 0.0
    if n <= EXACT:
        return math.comb(n - correct, k) / math.comb(n, k)
    parts = (special.gammaln(x + 1) for x in (n - correct, n - k, n - correct - k, n))
    kept, left, both, total = (float(part) for part in parts)
    return math.exp(kept + left - both - total)


def _variance(correct: int, n: int, k: int) -> float:
    return none_pass(correct, n, k) ** 2 - none_pass(correct, n, 2 * k)


def _per_question(
    formula: Callable[[int, int], float],
    correct: ArrayLike,
    *,
    n: ArrayLike,
    k: int,
    times: int,
    ids: Sequence[str],
) -> Array:
    least = times * count(k, name="k", least=1)
    passed = _counts(correct, name="passes")
    drawn = _counts(n, name="samples")
    if drawn.size == 1:
        drawn = np.broadcast_to(drawn, passed.shape)
    if drawn.shape != passed.shape:
        raise StatisticsError(
            f"There are {passed.size} numbers of passes and {drawn.size} of samples.",
            remedy="Give the samples once for all questions, or one number for each.",
        )
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
    return np.array([formula(c, m) for c, m in pairs], dtype=np.float64)


def _counts(numbers: ArrayLike, *, name: str) -> NDArray[np.int64]:
    values = np.atleast_1d(as_floats(numbers))
    if values.ndim != 1 or not np.all(np.isfinite(values) & (values == np.rint(values))):
        raise StatisticsError(f"Some numbers of {name} are not counts.", remedy="Give whole numbers.")
    finite_scores(values, low=-1e15, high=1e15)
    return values.astype(np.int64)
