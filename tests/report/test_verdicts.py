"""One rule for verdicts: of several tests the corrected one decides, in every view."""

import re
from itertools import pairwise

import pytest

from assay.lookup.sides import scored_runs
from assay.records import Run, Stopped
from assay.render.tables import comparison_table
from assay.report.gate import judge
from assay.report.models import SuiteComparison
from assay.report.sentences import suite_sentence, task_sentence
from assay.report.series import make_series
from assay.store import Store
from assay.viewer.page.flips import shown_flips
from assay.viewer.page.forest import forests
from tests.report.examples import compared, draws, flips, stored
from tests.viewer.examples import task as example_task

BORDER = (14, 4, 182)
"""Wins, losses and ties with a mid-p of 0.019: significant alone, and not among three."""


def borderline(store: Store, tasks: int) -> tuple[list[Run], list[Run]]:
    """Two sides of which the first task is significant alone."""
    a, b = flips(*BORDER)
    scores = [(a, b), *[(draws(9), draws(9)[:190] + draws(8)[190:])] * (tasks - 1)]
    return tuple(  # type: ignore[return-value]
        [stored(store, side, pair[i], task=f"task{number}") for number, pair in enumerate(scores)]
        for i, side in enumerate("ab")
    )


def test_alone_the_test_decides(store: Store) -> None:
    a, b = borderline(store, 1)
    task = compared(store, a, b).tasks[0]
    assert task.p is not None
    assert 0.0125 < task.p < 0.05
    assert (task.verdict, task.p_holm) == ("improved", task.p)


def test_among_several_the_corrected_test_decides_everywhere(store: Store) -> None:
    """A task was called improved at p 0.044 beside a Holm p of 0.131."""
    a, b = borderline(store, 4)
    comparison = compared(store, a, b)
    task = comparison.tasks[0]
    assert task.p is not None
    assert task.p_holm is not None
    assert task.p < 0.05 < task.p_holm
    assert task.verdict == "unresolved"
    assert comparison.model_dump()["tasks"][0]["verdict"] == "unresolved"
    assert comparison_table(comparison).rows[0][3] == "unresolved"
    assert not forests(comparison)[0].rows[0].filled
    assert not any(flip.claimed for flip in shown_flips(comparison) if flip.task == "task0")
    assert f"corrected for them {task.p_holm:.3f}" in task.sentence


@pytest.mark.parametrize("tasks", [1, 4])
def test_a_curve_of_two_checkpoints_says_what_their_comparison_says(store: Store, tasks: int) -> None:
    """The curve left a pair unmarked that the comparison called improved."""
    a, b = borderline(store, tasks)
    runs = [
        run.model_copy(
            update={"checkpoint": run.checkpoint.model_copy(update={"training_run": "train", "step": step})}
        )
        for step, side in enumerate((a, b))
        for run in side
    ]
    series = make_series(scored_runs(store, runs), name="train")
    assert series.comparison is not None
    words = [curve.points[1].alarm or "unresolved" for curve in series.curves]
    assert words == [task.verdict for task in series.comparison.tasks]
    assert series.curves[0].points[1].p_corrected == series.comparison.tasks[0].p_holm


def test_a_gate_and_its_suite_never_disagree(store: Store) -> None:
    for wins, losses in ((30, 4), (4, 30), (12, 10), (14, 4)):
        a, b = flips(wins, losses, 200)
        comparison = compared(store, [stored(store, "a", a)], [stored(store, "b", b)])
        decision, word = judge(comparison), comparison.suite.verdict
        assert {"improved": "passed", "regressed": "regressed", "unresolved": "unresolved"}[word] == (
            decision.result
        )


def test_a_verdict_that_a_run_stopped_on_yields_to_the_correction(store: Store) -> None:
    a, b = borderline(store, 4)
    stopped = Stopped(against=a[0].id, verdict="improved", reason="After all.", questions=200, saved=0)
    b[0] = b[0].model_copy(update={"stopped": stopped})
    assert compared(store, a, b).tasks[0].verdict == "unresolved"
    assert compared(store, a[:1], b[:1]).tasks[0].verdict == "improved"


def test_a_constant_shift_is_corrected_too(store: Store) -> None:
    """It has no t test, and its sign-flip p-value stayed outside the family."""
    sides = [
        [stored(store, side, [x] * 8, task=f"task{i}") for i in range(8)]
        for side, x in (("a", 0.5), ("b", 0.6))
    ]
    tasks = compared(store, *sides).tasks
    assert {task.p for task in tasks} == {None}
    assert [task.p_holm for task in tasks] == pytest.approx([8 * 2 / 2**8] * 8)
    assert {task.verdict for task in tasks} == {"unresolved"}
    assert compared(store, sides[0][:1], sides[1][:1]).tasks[0].verdict == "improved"


# Sentences.


def sentence(**changes: object) -> str:
    return task_sentence(example_task(**changes), power=0.8, alpha=0.05)


def test_a_sentence_says_what_was_found_and_what_could_have_been() -> None:
    assert sentence(n=200, mde=0.093) == (
        "B is better than A by 15 pp. With 200 questions, a true difference of 9.3 pp would be found 80 % of"
        " the time."
    )
    assert sentence(verdict="regressed", delta=-0.02, mde=None) == "B is worse than A by 2 pp."
    assert sentence(verdict="equivalent", mde=None) == "A and B differ by less than the margin of 1 pp."


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"delta": 0.03, "p": 0.4, "p_holm": 0.4}, "Unresolved: B scored 3 pp higher, which may be chance."),
        ({"delta": -0.03, "p": 0.4, "p_holm": 0.4}, "Unresolved: B scored 3 pp lower, which may be chance."),
        (
            {"delta": 0.03, "lower_is_better": True, "p": 0.4, "p_holm": 0.4},
            "Unresolved: B scored 3 pp better, which may be chance.",
        ),
        (
            {"delta": 0.0, "p": 1.0, "p_holm": 1.0},
            "Unresolved: A and B scored the same, but a difference could have been missed.",
        ),
        (
            {"delta": 0.065, "p": 0.044, "p_holm": 0.131},
            "Unresolved: B scored 6.5 pp higher, which may be chance among so many tasks (p 0.044, corrected"
            " for them 0.131).",
        ),
        ({"delta": None, "undefined": "n<2"}, "There is no difference to judge: n<2."),
    ],
)
def test_an_unresolved_difference_says_why(changes: dict[str, object], text: str) -> None:
    assert sentence(verdict="unresolved", mde=None, **changes) == text


def test_no_sentence_says_that_questions_resolve_less_than_was_found() -> None:
    """ "better by 6.5 pp. These questions can resolve 8.9 pp" reads as a contradiction."""
    task = example_task(delta=0.065, mde=0.089)
    suite = SuiteComparison(
        name="all", tasks=2, delta=0.065, mde=0.089, margin=0.01, verdict="improved", sentence=""
    )
    for text in (
        task_sentence(task, power=0.8, alpha=0.05),
        suite_sentence(suite, rate=True, power=0.9, alpha=0.05),
    ):
        assert "resolve" not in text
        assert re.search(r"a true difference of 8\.9 pp would be found (80|90) % of the time", text)


def test_sentences_end_and_follow_each_other_properly() -> None:
    texts = [sentence(), sentence(verdict="unresolved"), sentence(delta=None, undefined="n<2")]
    for text in texts:
        parts = text.split(". ")
        assert text.endswith(".")
        assert all(second[0].isupper() for _, second in pairwise(parts))
