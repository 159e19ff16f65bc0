"""What does not pass the contract of a batch of scores is set aside with its reason."""

from collections.abc import Sequence

import pytest

from assay.records import Score
from assay.store.contract import client
from assay.store.contract.batch import MetricRange, Violation
from assay.store.contract.scores import Checked, set_aside, validate_scores
from tests.store.examples import make_score

EXACT = MetricRange(name="exact", low=0, high=1)
IDS = ("q0", "q1", "q2")


def check(
    scores: Sequence[Score], *, expected: int | None = None, metrics: Sequence[MetricRange] = (EXACT,)
) -> Checked:
    """Check scores, as many as there must be unless another number is given."""
    count = len(scores) if expected is None else expected
    return validate_scores(scores, expected=count, known=IDS, metrics=metrics)


def reasons(checked: Checked) -> list[tuple[str, str]]:
    return [(one.question_id, one.reason) for one in checked.quarantined]


def test_without_violations_all_pass() -> None:
    scores = [make_score(id_) for id_ in IDS]
    assert set_aside(scores, []) == Checked(scores, [])


def test_a_score_that_broke_two_expectations_is_quarantined_with_both_reasons() -> None:
    scores = [make_score(id_) for id_ in IDS]
    checked = set_aside(scores, [Violation(reason="one", rows=(1,)), Violation(reason="two", rows=(1, 2))])
    assert checked.passed == scores[:1]
    assert reasons(checked) == [("q1", "one"), ("q1", "two"), ("q2", "two")]
    assert checked.quarantined[0].record["question_id"] == "q1"


def test_a_violation_of_the_whole_batch_sets_no_score_aside() -> None:
    checked = set_aside([make_score("q0")], [Violation(reason="there must be 2 scores")])
    assert checked.passed == [make_score("q0")]
    assert [(one.kind, one.question_id) for one in checked.quarantined] == [("batch", "")]


@pytest.mark.usefixtures("contracts_process")
def test_a_good_batch_passes() -> None:
    scores = [make_score("q0"), make_score("q1", None), make_score("q2", 0.0, status="unparsed")]
    assert check(scores) == Checked(scores, [])


@pytest.mark.usefixtures("contracts_process")
def test_a_batch_in_which_everything_failed_passes() -> None:
    scores = [make_score(id_, None) for id_ in IDS]
    assert check(scores) == Checked(scores, [])


@pytest.mark.usefixtures("contracts_process")
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (make_score("q9"), "the question was not asked"),
        (make_score("q1", metric="other"), "the metric is not of this task"),
        (make_score("q1", sample_index=-1), "the sample index is negative"),
        (make_score("q1", 1.5), "the value of exact lies outside 0 to 1"),
        (make_score("q1", -0.5), "the value of exact lies outside 0 to 1"),
        (make_score("q1", None, status="scored"), "it has no value though it was scored"),
        (make_score("q1", 0.0, status="failed"), "it has a value though it was not scored"),
    ],
)
def test_a_bad_score_is_set_aside_and_the_others_pass(bad: Score, reason: str) -> None:
    good = [make_score("q0"), make_score("q2")]
    checked = check([good[0], bad, good[1]])
    assert checked.passed == good
    assert reasons(checked) == [(bad.question_id, reason)]


@pytest.mark.usefixtures("contracts_process")
def test_both_of_two_scores_for_one_sample_are_set_aside() -> None:
    checked = check([make_score("q0"), make_score("q1"), make_score("q1", 0.0)])
    assert [one.question_id for one in checked.passed] == ["q0"]
    assert reasons(checked) == [("q1", "it is there twice")] * 2


@pytest.mark.usefixtures("contracts_process")
def test_a_missing_score_is_told_of_the_batch() -> None:
    checked = check([make_score("q0"), make_score("q1")], expected=3)
    assert len(checked.passed) == 2
    assert reasons(checked) == [("", "there must be 3 scores")]


@pytest.mark.usefixtures("contracts_process")
def test_each_metric_has_a_range_of_its_own() -> None:
    open_ended = MetricRange(name="bits", low=0)
    scores = [make_score("q0"), make_score("q0", 7.0, metric="bits"), make_score("q1", -1.0, metric="bits")]
    checked = check(scores, expected=2, metrics=[EXACT, open_ended])
    assert ("q1", "the value of bits lies outside 0 to any") in reasons(checked)
    assert checked.passed == scores[:2]


@pytest.mark.usefixtures("contracts_process")
def test_the_only_bad_one_of_ten_thousand_is_found() -> None:
    scores = [make_score("q0", (i % 2) / 1.0, sample_index=i) for i in range(10_000)]
    scores[7321] = make_score("q0", 2.0, sample_index=7321)
    checked = check(scores)
    assert len(checked.passed) == 9999
    assert [one.record["sample_index"] for one in checked.quarantined] == [7321]


def test_no_process_runs_where_none_was_started() -> None:
    assert client.stop() is False
