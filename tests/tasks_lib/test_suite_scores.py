"""The number of a suite: each way of making it, and what leaves it undefined."""

import math
from collections.abc import Callable

import pytest

from tasks_lib.registry import register_suite
from tasks_lib.spec import expand, resolve_task, tree
from tasks_lib.suites.olmo3_answers import installed
from tasks_lib.suites.scores import TaskScore, suite_score
from tasks_lib.suites.suite import Suite, best_of, suite
from tests.tasks_lib.rows import keep_registry

EASY, HARD, FACTS, BITS = "arc_easy", "arc_challenge", "mmlu", "gsm8k:bpb"
SCORES = {
    EASY: TaskScore(0.8, 0.03, 100),
    HARD: TaskScore(0.4, 0.04, 300),
    FACTS: TaskScore(0.5, 0.01, 600),
    BITS: TaskScore(0.7, 0.02, 50, lower_is_better=True, unit="number"),
    "gsm8k:olmes:bpb": TaskScore(0.6, 0.02, 50, lower_is_better=True, unit="number"),
}


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_registry(monkeypatch)
    register_suite("arcs")(lambda: suite(EASY, HARD))


def test_a_suite_counts_in_the_mean_by_its_own_number() -> None:
    register_suite("both")(lambda: suite("arcs", FACTS))
    score = suite_score("both", SCORES)
    assert score.value == pytest.approx((0.6 + 0.5) / 2)
    assert score.se == pytest.approx(math.sqrt((0.25 * 0.03) ** 2 + (0.25 * 0.04) ** 2 + (0.5 * 0.01) ** 2))
    assert [(member.spec, member.value) for member in score.members] == [
        ("arcs", pytest.approx(0.6)),
        (FACTS, 0.5),
    ]


def test_tasks_and_questions_can_count_the_same() -> None:
    register_suite("flat")(lambda: suite("arcs", FACTS, aggregate="flat"))
    register_suite("micro")(lambda: suite("arcs", FACTS, aggregate="questions"))
    assert suite_score("flat", SCORES).value == pytest.approx((0.8 + 0.4 + 0.5) / 3)
    assert suite_score("micro", SCORES).value == pytest.approx((80 + 120 + 300) / 1000)


def test_members_weigh_what_the_suite_says() -> None:
    register_suite("weighted")(lambda: Suite(members={EASY: 3.0, HARD: 1.0}))
    assert suite_score("weighted", SCORES).value == pytest.approx(0.7)


def test_the_better_form_counts_and_of_bits_the_lower() -> None:
    register_suite("better")(lambda: best_of(EASY, HARD))
    register_suite("fewer")(lambda: best_of(BITS, "gsm8k:olmes:bpb"))
    assert (suite_score("better", SCORES).value, suite_score("better", SCORES).se) == (0.8, 0.03)
    assert suite_score("fewer", SCORES).value == 0.6
    assert suite_score("fewer", SCORES).lower_is_better


def test_a_missing_task_leaves_the_suite_undefined_and_not_smaller() -> None:
    register_suite("whole")(lambda: suite("arcs", FACTS))
    lacking = {name: score for name, score in SCORES.items() if name != HARD}
    for scores in (lacking, {**SCORES, HARD: TaskScore(None)}):
        score = suite_score("whole", scores)
        assert (score.value, score.undefined) == (None, f"without a score: {HARD}")
        assert score.members[1].value == 0.5
    # Of two forms both must be there: the better of one is no better.
    register_suite("form")(lambda: best_of(EASY, HARD))
    assert suite_score("form", lacking).value is None


def test_what_cannot_be_run_here_leaves_the_suite_undefined() -> None:
    register_suite("partial")(lambda: suite(EASY, absent={"leetcode": "no task"}))
    register_suite("outer")(lambda: suite("partial", FACTS))
    assert suite_score("partial", SCORES).undefined == "it has members that cannot be run here: leetcode"
    assert suite_score("outer", SCORES).undefined.startswith("partial has no number: it has members")


def test_different_units_have_no_mean_and_some_suites_only_show() -> None:
    register_suite("mixed")(lambda: suite(EASY, BITS))
    register_suite("shown")(lambda: suite(EASY, BITS, aggregate="none"))
    assert suite_score("mixed", SCORES).undefined == "its tasks are measured in different units"
    shown = suite_score("shown", SCORES)
    assert (shown.value, [member.value for member in shown.members]) == (None, [0.8, 0.7])


def test_core_is_the_mean_of_nine_better_forms_and_of_22_centred_scores() -> None:
    forms = {"mc": 0.5, "rc": 0.6}
    nine = suite_score("olmes:core", _same("olmes:core", lambda spec: forms[spec.rpartition(":")[2]]))
    assert (nine.value, len(nine.members)) == (pytest.approx(0.6), 9)
    core = suite_score("dclm:core", _same("dclm:core", lambda spec: float("jeopardy" in spec)))
    assert (core.value, len(core.members)) == (pytest.approx(1 / 22), 22)


def test_members_that_are_not_installed_are_absent() -> None:
    register_suite("new")(lambda: installed(EASY, "no_such_task:olmo3base", "arcs:olmes"))
    register_suite("empty")(lambda: installed("no_such_task"))
    register_suite("above")(lambda: installed("empty", EASY))
    assert [member.spec for member in expand("new")] == [EASY, "arc_easy:olmes", "arc_challenge:olmes"]
    assert suite_score("new", SCORES).undefined.endswith("no_such_task:olmo3base")
    assert expand("empty") == []
    assert suite_score("above", SCORES).undefined.startswith("empty has no number")


def test_chat_models_are_shown_eighteen_benchmarks_and_no_mean() -> None:
    for name in ("olmo3:instruct", "olmo3:think"):
        suite_ = tree(name)
        assert suite_.aggregate == "none"
        assert len(suite_.members) + len(suite_.absent) == 18


def _same(name: str, value: Callable[[str], float]) -> dict[str, TaskScore]:
    return {member.spec: TaskScore(value(member.spec)) for member in expand(name)}


def test_smollm3_is_asked_mathematics_with_four_shots() -> None:
    tasks = [resolve_task(member.spec, {}) for member in expand("smollm3:base")]
    assert [(task.name, task.shots) for task in tasks if task.shots] == [
        ("gsm8k:5shot", 5),
        ("minerva_math:olmes", 4),
    ]
