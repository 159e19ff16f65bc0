"""Scores become one number with its error, counts that add up, and bounds where something failed."""

import pytest

from assay.records import Counts, MetricSummary, Question, Score, Status
from tasks_lib.metrics import accuracy, bits_per_byte, pass_at, pass_hat
from tasks_lib.prompts import GoldPrompt, completion
from tasks_lib.scorers.text import exact_match
from tasks_lib.spec import resolve_task
from tasks_lib.summary import columns, count, summarise, summarise_metric
from tasks_lib.task import Metric


def scored(
    values: dict[str, list[float | None]], *, metric: str = "accuracy", weight: float = 1.0
) -> list[Score]:
    """Scores by question; None is a failed sample."""
    return [
        Score(
            question_id=question,
            sample_index=number,
            metric=metric,
            status="failed" if value is None else "scored",
            value=value,
            weight=weight,
        )
        for question, some in values.items()
        for number, value in enumerate(some)
    ]


def summed(metric: Metric, scores: list[Score], *, expected: int) -> MetricSummary:
    """The summary of one metric's scores."""
    named = [score.model_copy(update={"metric": metric.name}) for score in scores]
    found, _ = columns(named)
    return summarise_metric(metric, found[metric.name], clusters=None, expected=expected)


ACCURACY = accuracy(exact_match())


def test_the_mean_leaves_failures_out_and_bounds_them() -> None:
    scores = scored({"a": [1.0], "b": [0.0], "c": [1.0], "d": [None]})
    found = summed(ACCURACY, scores, expected=5)
    assert found.value == pytest.approx(2 / 3)
    assert found.n == 3
    # Of five questions one failed and one has no score at all.
    assert (found.worst, found.best) == (pytest.approx(2 / 5), pytest.approx(4 / 5))


def test_where_nothing_failed_there_are_no_bounds() -> None:
    found = summed(ACCURACY, scored({"a": [1.0], "b": [0.0]}), expected=2)
    assert (found.worst, found.best) == (None, None)


@pytest.mark.parametrize("k", [1, 2])
def test_pass_at_k_is_bounded_too(k: int) -> None:
    metric = pass_at(exact_match(), 1, 2)[k - 1]
    scores = scored({"a": [1.0, 0.0, None], "b": [0.0, 0.0, 0.0]})
    found = summed(metric, scores, expected=6)
    lowest, highest = {1: (1 / 6, 2 / 6), 2: ((2 / 3) / 2, 1 / 2)}[k]
    assert (found.worst, found.best) == (pytest.approx(lowest), pytest.approx(highest))


def test_pass_at_k_of_fewer_than_k_samples_is_undefined_with_the_reason() -> None:
    metric = pass_at(exact_match(), 10)[0]
    found = summed(metric, scored({"a": [1.0, 0.0]}), expected=2)
    assert found.value is None
    assert found.undefined
    assert "10" in found.undefined


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (pass_at(exact_match(), 1)[0], 0.5),
        (pass_at(exact_match(), 2)[0], 1 - 1 / 6),
        (pass_hat(exact_match(), 2)[0], 1 / 6),
    ],
)
def test_passing_is_estimated_without_bias(metric: Metric, value: float) -> None:
    scores = scored({"a": [1.0, 0.0, 1.0, 0.0]})
    assert summed(metric, scores, expected=4).value == pytest.approx(value)


def test_bits_per_byte_are_weighed_by_bytes() -> None:
    metric = bits_per_byte(GoldPrompt(inner=completion("{text}")))
    scores = [*scored({"a": [1.0]}, weight=10), *scored({"b": [4.0], "c": [2.0]}, weight=1)]
    found = summed(metric, scores, expected=3)
    assert found.value == pytest.approx((10 + 4 + 2) / 12)
    assert found.lower_is_better
    assert found.unit == "number"


def test_nothing_scored_is_undefined() -> None:
    found = summed(ACCURACY, scored({"a": [None]}), expected=1)
    assert (found.value, found.n) == (None, 0)
    assert found.undefined == "no sample has a score"


def test_one_question_has_no_standard_error() -> None:
    found = summed(ACCURACY, scored({"a": [1.0]}), expected=1)
    assert (found.value, found.n, found.se) == (1.0, 1, None)


def test_counts_add_up_and_what_has_no_score_has_failed() -> None:
    statuses: list[Status] = ["scored", "truncated", "unparsed", "failed", "skipped"]
    scores = [
        Score(question_id=str(n), metric="m", status=status, value=0.0 if n < 3 else None)
        for n, status in enumerate(statuses)
    ]
    counts = count(columns(scores)[0]["m"], expected=7)
    assert counts == Counts(expected=7, scored=1, truncated=1, unparsed=1, failed=3, skipped=1)
    parts = (counts.scored, counts.truncated, counts.unparsed, counts.failed, counts.skipped)
    assert sum(parts) == counts.expected


def test_questions_of_one_cluster_are_not_independent() -> None:
    task = resolve_task("gsm8k", {}).with_(metrics=[ACCURACY])
    questions = [Question(id=str(n), text="?", cluster=f"passage {n // 5}") for n in range(20)]
    scores = scored({str(n): [float(n // 5 % 2)] for n in range(20)})
    alone = [question.model_copy(update={"cluster": None}) for question in questions]
    clustered = summarise(task, questions, scores, expected=20)[0]["accuracy"]
    single = summarise(task, alone, scores, expected=20)[0]["accuracy"]
    assert clustered.value == single.value == 0.5
    assert clustered.clusters == 4
    assert clustered.se is not None
    assert single.se is not None
    assert clustered.se > 1.9 * single.se


def test_the_margin_is_the_tasks() -> None:
    task = resolve_task("gsm8k", {"margin": "0.03"}).with_(metrics=[ACCURACY])
    summaries, _ = summarise(task, [], scored({"a": [1.0]}), expected=1)
    assert summaries["accuracy"].margin == 0.03


def test_samples_that_are_all_right_leave_room_for_doubt() -> None:
    """30 questions with 2 samples each, all right, had the interval [1, 1]."""
    single = summed(ACCURACY, scored({str(i): [1.0] for i in range(30)}), expected=30)
    double = summed(ACCURACY, scored({str(i): [1.0, 1.0] for i in range(30)}), expected=60)
    assert single.low == pytest.approx(30 / (30 + 1.959963984540054**2))
    assert double.low is not None
    assert 0.88 < double.low < 0.95
    assert (double.high, double.mde, double.undefined) == (1.0, None, "zero variance")


def test_clusters_that_are_all_right_leave_room_for_doubt() -> None:
    task = resolve_task("gsm8k", {}).with_(metrics=[ACCURACY])
    questions = [Question(id=str(n), text="?", cluster=f"passage {n // 4}") for n in range(60)]
    scores = scored({str(n): [1.0] for n in range(60)})
    accuracy_ = summarise(task, questions, scores, expected=60)[0]["accuracy"]
    assert accuracy_.low is not None
    assert 0.7 < accuracy_.low < 0.8


def test_an_interval_of_passing_is_not_below_zero() -> None:
    metric = pass_at(exact_match(), 2)[0]
    scores = scored({str(i): [0.0, 0.0, 0.0, float(i == 0)] for i in range(30)})
    summary = summed(metric, scores, expected=120)
    assert summary.low is not None
    assert 0 <= summary.low < (summary.value or 0) < (summary.high or 0)


def test_a_detectable_effect_beyond_the_scale_is_none_with_the_reason() -> None:
    """Two questions had a detectable effect of 700 percentage points."""
    summary = summed(ACCURACY, scored({"a": [1.0], "b": [0.0]}), expected=2)
    assert summary.mde is None
    assert summary.undefined is not None
    assert "too few questions" in summary.undefined
