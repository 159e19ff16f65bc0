"""The paired difference of two aligned runs by what their metric is: for tasks, curves and plans alike."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from assay.align import Aligned, QuestionScores
from assay.records import MetricSummary
from assay.stats.differences import Paired, PairedMethod, paired
from assay.stats.reduction import reduce_samples
from assay.stats.scores import Array


def reduced(summary: MetricSummary, questions: Sequence[QuestionScores], *, ids: Sequence[str] = ()) -> Array:
    """Reduce the samples of each question to one number; raises NotEnoughSamples, naming ids."""
    samples = [question.scored for question in questions]
    counts = list(map(len, samples))
    if max(counts, default=1) == 1 and summary.reduction in {"mean", "ratio"}:
        return np.array([values[0] for values in samples], dtype=np.float64)
    values = np.fromiter(chain.from_iterable(samples), dtype=np.float64, count=sum(counts))
    return reduce_samples(values, counts=counts, reduction=summary.reduction, k=summary.k, ids=ids)


def paired_difference(
    aligned: Aligned,
    summary: MetricSummary,
    *,
    method: PairedMethod = "auto",
    level: float = 0.95,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Paired:
    """Compare the questions two runs share; raises StatisticsError.

    A ratio (bits per byte) is compared as the ratio it is, all bits over all bytes of each side.
    """
    return paired(
        reduced(summary, aligned.a, ids=aligned.ids),
        reduced(summary, aligned.b, ids=aligned.ids),
        cluster=aligned.clusters,
        units=(weights(aligned.a), weights(aligned.b)) if summary.reduction == "ratio" else None,
        largest=1.0 if summary.unit == "rate" else None,
        method=method,
        level=level,
        alpha=alpha,
        power=power,
        lower_is_better=summary.lower_is_better,
    )


def weights(questions: Sequence[QuestionScores]) -> Array:
    """Return what each question counts in a ratio."""
    return np.array([question.weight for question in questions], dtype=np.float64)
