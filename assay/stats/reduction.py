"""The samples of a question become one number: the one place where they do."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import StatisticsError
from assay.stats.domain import choice
from assay.stats.passing import pass_at_k, pass_hat_k
from assay.stats.scores import Array, as_floats, finite_scores, is_binary

Reduction: TypeAlias = Literal["mean", "pass_at", "pass_hat", "ratio"]
REDUCTIONS = ("mean", "pass_at", "pass_hat", "ratio")


def reduce_samples(
    values: ArrayLike,
    *,
    counts: ArrayLike,
    reduction: Reduction = "mean",
    k: int = 1,
    ids: Sequence[str] = (),
) -> Array:
    """Return one number per question from its samples: their mean, pass@k or pass^k.

    `values` are the scores of all samples, those of a question side by side; `counts` says how many each
    question has. A sample passes where its score is at least 1. A `ratio` is reduced by the mean here and
    weighted over the questions later. Raises NotEnoughSamples, naming questions by `ids` or position, for
    fewer than k samples.
    """
    choice(reduction, name="reduction", among=REDUCTIONS)
    scores, sizes = finite_scores(values), _sizes(counts)
    if int(sizes.sum()) != len(scores):
        raise StatisticsError(
            f"There are {len(scores)} values for {int(sizes.sum())} samples.",
            remedy="Count the samples again.",
        )
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    if reduction in {"pass_at", "pass_hat"}:
        passed = np.add.reduceat((scores >= 1).astype(np.float64), starts)
        estimator = pass_at_k if reduction == "pass_at" else pass_hat_k
        return estimator(passed.astype(np.int64), n=sizes, k=k, ids=ids)
    if len(sizes) == len(scores):
        return scores
    if not is_binary(scores):
        # The same values in another order must give the same mean, or rounding passes for a difference.
        scores = scores[np.lexsort((scores, np.repeat(np.arange(len(sizes)), sizes)))]
    return np.asarray(np.add.reduceat(scores, starts) / sizes)


def _sizes(counts: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    sizes = as_floats(counts)
    if sizes.ndim != 1 or not np.all((sizes >= 1) & (sizes == np.rint(sizes)) & np.isfinite(sizes)):
        raise StatisticsError(
            "Some questions have no sample.", remedy="Leave them out, and report them as missing."
        )
    return sizes.astype(np.int64)
