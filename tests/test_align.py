"""Questions of two runs are paired by what they are, or not at all."""

from types import SimpleNamespace

import pytest

from assay.align import QuestionScores, align, by_question, worst_case
from assay.errors import (
    ClusterDisagrees,
    DuplicateQuestion,
    NothingInCommon,
    PartialOverlap,
    QuestionChanged,
)


def scores(**values: float | None) -> dict[str, QuestionScores]:
    return {name: QuestionScores((value,), digest=name) for name, value in values.items()}


def columns(*rows: tuple[str, int, float | None]) -> SimpleNamespace:
    ids, places, values = zip(*rows, strict=True)
    same = ["" for _ in rows]
    return SimpleNamespace(
        question_id=ids,
        sample_index=places,
        value=values,
        weight=[1.0] * len(rows),
        digest=same,
        cluster=same,
    )


def test_order_does_not_matter() -> None:
    aligned = align(scores(q1=1, q2=0, q3=1), scores(q3=0, q1=1, q2=0))
    assert aligned.ids == ("q1", "q2", "q3")
    assert [question.values for question in aligned.b] == [(1,), (0,), (0,)]
    assert aligned.coverage == 1


def test_samples_of_a_question_are_kept_together() -> None:
    aligned = by_question(columns(("q1", 0, 1.0), ("q2", 0, 0.0), ("q1", 1, None)))
    assert aligned["q1"].values == (1.0, None)
    assert aligned["q1"].scored == (1.0,)


@pytest.mark.parametrize(
    "rows", [[("q1", 0, 1.0), ("q1", 0, 0.0)], [("q1", 0, 1.0), ("q1", 1, 1.0), ("q1", 1, 1.0)]]
)
def test_a_sample_that_is_there_twice_is_an_error(rows: list[tuple[str, int, float]]) -> None:
    with pytest.raises(DuplicateQuestion, match="Run r1 has 1 questions twice: q1"):
        by_question(columns(*rows), run="r1")


def test_changed_questions_are_an_error_naming_ten() -> None:
    a = {f"q{i}": QuestionScores((1.0,), digest="old") for i in range(12)}
    b = {f"q{i}": QuestionScores((1.0,), digest="new") for i in range(12)}
    with pytest.raises(QuestionChanged, match="q9 and 2 more"):
        align(a, b)


def test_clusters_that_disagree_are_an_error() -> None:
    with pytest.raises(ClusterDisagrees, match="q1"):
        align({"q1": QuestionScores((1.0,), "", "x")}, {"q1": QuestionScores((1.0,), "", "y")})


def test_runs_without_a_common_question_are_an_error() -> None:
    for a, b in (
        (scores(q1=1), scores(q2=1)),
        (scores(), scores()),
        (scores(q1=1, q2=None), scores(q1=None, q2=1)),
    ):
        with pytest.raises(NothingInCommon):
            align(a, b)


def test_a_partial_overlap_is_an_error_unless_allowed() -> None:
    a, b = scores(q1=1, q2=0, q5=0), scores(q1=1, q2=1, q6=1)
    with pytest.raises(PartialOverlap, match="q5, q6"):
        align(a, b)
    aligned = align(a, b, allow_partial=True)
    assert (aligned.only_a, aligned.only_b, aligned.coverage) == (("q5",), ("q6",), 0.5)
    assert worst_case(a, b) == (pytest.approx(1 / 4), pytest.approx(3 / 4))


def test_failures_are_counted_on_their_side() -> None:
    aligned = align(scores(q1=1, q2=None, q3=1), scores(q1=0, q2=1, q3=None))
    assert (aligned.ids, aligned.missing_a, aligned.missing_b, aligned.unpaired) == (("q1",), 1, 1, 2)
    assert aligned.coverage == pytest.approx(1 / 3)
