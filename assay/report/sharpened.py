"""Differences that cheap scores help to estimate: labels correct a judge, and A's other questions help B's.

Both are prediction-powered inference on the paired differences (Angelopoulos et al. 2023), of which CUPED
(Deng et al. 2013) is the case of an earlier score of the same questions.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.align import Aligned, QuestionScores
from assay.errors import NotEnoughSamples, StatisticsError
from assay.records import MetricSummary, Record
from assay.report.difference import reduced
from assay.report.models import JudgeAgreement
from assay.stats.estimates import Estimate, Influenced
from assay.stats.judged import judge_errors, power_weight, prediction_powered
from assay.stats.scores import Array, is_binary

FEWEST = 2
"""Questions with a label, and without one, below which no variance is defined."""


class Label(Record):
    """What a person would score the answers of both sides to one question, on the scale of the metric."""

    question_id: str
    a: float
    b: float
    task: str | None = None
    """The task of the question; needed where several are compared."""


@dataclass(frozen=True)
class Sharpened:
    """A difference with the influence of each question, and the cluster of each."""

    estimate: Estimate
    influenced: Influenced
    clusters: Sequence[Hashable] | None = None
    agreement: tuple[JudgeAgreement, ...] = ()


def by_labels(
    aligned: Aligned, summary: MetricSummary, labels: Mapping[str, Label], *, level: float = 0.95
) -> Sharpened:
    """Estimate the difference from labels of some questions and the judge's scores of all.

    The labelled questions must be a random choice. Raises NotEnoughSamples and StatisticsError.
    """
    _check_mean(summary, "--judge-labels")
    labelled = np.array([id_ in labels for id_ in aligned.ids])
    if min(labelled.sum(), (~labelled).sum()) < FEWEST:
        raise NotEnoughSamples(
            f"{labelled.sum()} of {len(labelled)} questions have a label; some, and not all, must have one.",
            remedy="Label a random part of the questions, by the ids that both runs have.",
        )
    a, b = reduced(summary, aligned.a), reduced(summary, aligned.b)
    people = np.array([[labels[id_].a, labels[id_].b] for id_ in aligned.ids if id_ in labels])
    sign = _sign(summary)
    order = np.argsort(~labelled, kind="stable")
    clusters = aligned.clusters
    sharpened = _powered(
        sign * (people[:, 1] - people[:, 0]),
        sign * (b - a)[labelled],
        sign * (b - a)[~labelled],
        clusters=None if clusters is None else [clusters[i] for i in order],
        level=level,
    )
    sides = (("A", people[:, 0], a[labelled]), ("B", people[:, 1], b[labelled]))
    agreement = tuple(_agreement(name, truth, judged) for name, truth, judged in sides)
    return Sharpened(
        sharpened.estimate,
        sharpened.influenced,
        sharpened.clusters,
        tuple(entry for entry in agreement if entry is not None),
    )


def by_subset(
    aligned: Aligned,
    summary: MetricSummary,
    others: Mapping[str, QuestionScores],
    *,
    level: float = 0.95,
) -> Sharpened:
    """Estimate the difference where B was asked a random part of A's questions.

    `others` are A's scores of the questions that B was not asked; A's scores predict the differences.
    Raises NotEnoughSamples and StatisticsError.
    """
    _check_mean(summary, "--method cuped")
    rest = {id_: scores for id_, scores in others.items() if scores.scored}
    if min(len(aligned.ids), len(rest)) < FEWEST:
        raise NotEnoughSamples(
            f"B was asked {len(aligned.ids)} questions and A {len(rest)} more.",
            remedy="Compare a run on a random part (--limit) with one on all questions.",
        )
    sign = _sign(summary)
    a, b = sign * reduced(summary, aligned.a), sign * reduced(summary, aligned.b)
    clusters = aligned.clusters
    return _powered(
        b - a,
        a,
        sign * reduced(summary, list(rest.values())),
        clusters=None if clusters is None else [*clusters, *(scores.cluster for scores in rest.values())],
        level=level,
    )


def _powered(
    labels: Array, judged: Array, others: Array, *, clusters: Sequence[Hashable] | None, level: float
) -> Sharpened:
    weight = power_weight(labels, judged, others)
    estimate = prediction_powered(
        labels, judged=judged, judged_others=others, weight=weight, cluster=clusters, level=level
    )
    residual = labels - weight * judged
    influence = np.concatenate([_centred(residual) / len(residual), weight * _centred(others) / len(others)])
    assert estimate.value is not None
    return Sharpened(estimate, Influenced(estimate.value, influence), clusters)


def _centred(values: Array) -> Array:
    return np.asarray(values - values.mean())


def _agreement(side: str, labels: NDArray[np.float64], judged: Array) -> JudgeAgreement | None:
    """Describe how a judge agrees with labels; None where they are not right or wrong."""
    if not (is_binary(labels) and is_binary(judged)):
        return None
    errors = judge_errors(labels, judged=judged)
    return JudgeAgreement(
        side="A" if side == "A" else "B",
        labels=len(labels),
        accuracy=errors.accuracy,
        sensitivity=errors.sensitivity,
        specificity=errors.specificity,
    )


def _sign(summary: MetricSummary) -> float:
    return -1.0 if summary.lower_is_better else 1.0


def _check_mean(summary: MetricSummary, option: str) -> None:
    if summary.reduction == "ratio":
        raise StatisticsError(
            f"{option} needs a metric that is a mean over questions, and this one is a ratio.",
            remedy="Compare it without.",
        )
