"""The samples of a question become one number in one way: in a run's score and in a comparison."""

import pytest

from assay.align import QuestionScores
from assay.records import MetricSummary, Reduction, Score
from assay.report.difference import reduced, weights
from assay.stats import ratio, reduce_samples
from tasks_lib.metrics import accuracy, bits_per_byte, pass_at, pass_hat
from tasks_lib.prompts import GoldPrompt, completion
from tasks_lib.scorers.text import exact_match
from tasks_lib.summary import columns, per_question, summarise_metric
from tasks_lib.task import Metric

SAMPLES = {"q0": [1.0, 0.0, 1.0], "q1": [0.0, 0.0], "q2": [1.0, 1.0, 1.0, 0.0], "q3": [0.0, 1.0]}
BITS = {"q0": [0.3, 0.1, 0.2], "q1": [2.5, 1.5], "q2": [0.7, 0.9, 0.1, 0.4], "q3": [1.0, 3.0]}
METRICS: dict[Reduction, Metric] = {
    "mean": accuracy(exact_match()),
    "pass_at": pass_at(exact_match(), 2)[0],
    "pass_hat": pass_hat(exact_match(), 2)[0],
    "ratio": bits_per_byte(GoldPrompt(inner=completion("{text}"))),
}


def scores_of(metric: Metric, samples: dict[str, list[float]]) -> list[Score]:
    return [
        Score(
            question_id=id_, sample_index=i, metric=metric.name, status="scored", value=value,
            weight=float(len(id_) + int(id_[1])),
        )
        for id_, row in samples.items()
        for i, value in enumerate(row)
    ]  # fmt: skip


@pytest.mark.parametrize("reduction", METRICS)
def test_a_run_and_a_comparison_reduce_samples_alike(reduction: Reduction) -> None:
    metric = METRICS[reduction]
    samples = BITS if reduction == "ratio" else SAMPLES
    column = columns(scores_of(metric, samples))[0][metric.name]
    summary = MetricSummary(value=None, n=4, reduction=reduction, k=metric.k)
    questions = [
        QuestionScores(tuple(row), digest="", weight=float(2 + i)) for i, row in enumerate(samples.values())
    ]
    assert reduced(summary, questions).tolist() == per_question(metric, column.values()).tolist()


def test_a_question_counts_once_in_a_ratio_whatever_its_samples() -> None:
    """Its weight was added up over its samples in a run's score, and taken once in a comparison."""
    metric = METRICS["ratio"]
    column = columns(scores_of(metric, BITS))[0][metric.name]
    score = summarise_metric(metric, column, clusters=None, expected=11)
    summary = MetricSummary(value=None, n=4, reduction="ratio")
    questions = [
        QuestionScores(tuple(row), digest="", weight=float(2 + i)) for i, row in enumerate(BITS.values())
    ]
    weight = weights(questions)
    compared = ratio(reduced(summary, questions) * weight, denominator=weight)
    assert score.value == pytest.approx(compared.value)


def test_the_order_of_samples_does_not_matter() -> None:
    """Sums in another order differ by rounding, which would pass for a win."""
    values = [0.1, 0.2, 0.3, 0.7]
    first, second = (
        reduce_samples(row, counts=[4]).tolist() for row in (values, [values[i] for i in (2, 0, 3, 1)])
    )
    assert first == second
