"""Comparisons of two sides: what is tested, what is said, and what is left undefined."""

import math
from collections.abc import Collection, Mapping

import numpy as np
import pytest

from assay.align import Columns
from assay.errors import AlignmentError, BadSpec, NotEnoughSamples, PartialOverlap, TaskChanged
from assay.records import MetricSummary, Question, Run, Sample, Stopped
from assay.report.compare import compare
from assay.report.models import TwoByTwo
from assay.report.side import ScoredRun, Side, Transcript
from assay.stats import Influenced, TaskValues, estimate, macro, paired, ratio, sign_flip
from assay.store import Store
from tests.report.examples import compared, draws, flips, stored
from tests.store.examples import make_questions, make_run, make_samples, make_score


def test_a_task_is_tested_as_its_arrays_are(store: Store) -> None:
    a, b = draws(1), draws(2, p=0.7)
    comparison = compared(store, [stored(store, "a", a)], [stored(store, "b", b)])
    task, arrays = comparison.tasks[0], paired(a, b)
    assert (task.delta, task.p, task.p_second) == (arrays.delta, arrays.p, arrays.p_second)
    assert (task.low, task.mde, task.p_better) == (arrays.estimate.low, arrays.mde, arrays.p_better)
    assert task.table is not None
    assert task.table.b_only == task.wins
    assert comparison.suite.delta == task.delta
    assert comparison.suite.sentence == task.sentence
    assert task.p_holm == task.p


def test_values_are_compared_without_a_store() -> None:
    questions = make_questions(40)
    a, b = flips(14, 4, 22)
    sides = [in_memory(name, values, questions) for name, values in (("a", a), ("b", b))]
    comparison = compare(*sides)
    assert comparison.tasks[0].p == paired(a, b).p
    assert comparison.suite.verdict == "improved"
    assert len(comparison.flips) == 18
    assert (comparison.flips[0].text, comparison.flips[0].a.output) == ("What is 14 + 14?", "four")


def test_a_side_without_texts_has_no_flips_but_counts_them() -> None:
    a, b = flips(14, 4, 22)
    sides = [in_memory(name, values, []) for name, values in (("a", a), ("b", b))]
    comparison = compare(*sides)
    assert (comparison.flips, comparison.flips_left_out) == ((), 18)


def test_scores_are_read_once_and_texts_only_where_they_are_shown() -> None:
    reads: list[str] = []
    sides = [reading(name, values, reads) for name, values in zip("ab", flips(9, 3, 20), strict=True)]
    compare(*sides, flips=0)
    assert reads == ["a scores", "b scores"]
    compare(*sides, flips=5)
    assert reads[2:] == ["a scores", "b scores", "a texts of 5", "b texts of 5"]


def in_memory(name: str, values: list[float], questions: list[Question]) -> Side:
    """A side whose scores, and questions where given, are in memory."""
    run, scores = simple_run(name, len(values)), [make_score(f"q{i}", v) for i, v in enumerate(values)]
    samples: list[Sample] = make_samples([question.id for question in questions])
    return Side((ScoredRun.of(run, scores, questions=questions, samples=samples),))


def reading(name: str, values: list[float], reads: list[str]) -> Side:
    """A side that notes what is read of it."""
    scored = in_memory(name, values, make_questions(len(values))).runs[0]

    def columns(metric: str) -> Columns:
        reads.append(f"{name} scores")
        return scored.columns(metric)

    def transcripts(metric: str, question_ids: Collection[str]) -> Mapping[str, Transcript]:
        reads.append(f"{name} texts of {len(question_ids)}")
        return scored.transcripts(metric, question_ids)

    return Side((ScoredRun(run=scored.run, columns=columns, transcripts=transcripts),))


def simple_run(name: str, n: int) -> Run:
    return make_run(name, metrics={"exact": MetricSummary(value=0.5, n=n)})


def test_a_third_run_never_changes_a_pair(store: Store) -> None:
    a, b = stored(store, "a", draws(1)), stored(store, "b", draws(2))
    before = compared(store, [a], [b])
    stored(store, "c", draws(3, n=20))
    after = compared(store, [a], [b])
    assert after.model_copy(update={"created": ""}) == before.model_copy(update={"created": ""})


def test_the_suite_is_the_mean_of_its_tasks_with_the_family_beside_it(store: Store) -> None:
    names = [f"task{i}" for i in range(5)]
    a = [stored(store, "a", draws(i), task=name) for i, name in enumerate(names)]
    b = [stored(store, "b", draws(i + 50, p=0.6), task=name) for i, name in enumerate(names)]
    comparison = compared(store, a, b, name="all five")
    suite, deltas = comparison.suite, [task.delta or 0.0 for task in comparison.tasks]
    assert suite.delta == pytest.approx(np.mean(deltas))
    assert suite.se == pytest.approx(math.sqrt(sum((t.se or 0) ** 2 for t in comparison.tasks)) / 5)
    assert suite.between_tasks_se == pytest.approx(np.std(deltas, ddof=1) / math.sqrt(5))
    assert 0 < (suite.p_better or 0) < 1
    family = comparison.family
    assert (family.name, family.size, family.correction) == ("all five", 5, "Holm")
    smallest = min(comparison.tasks, key=lambda task: task.p or 1)
    assert smallest.p_holm == pytest.approx(min(1, 5 * (smallest.p or 1)))


def test_samples_of_a_question_are_one_number(store: Store) -> None:
    a = stored(store, "a", [(1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    b = stored(store, "b", [(1.0, 1.0), (0.0, 1.0), (1.0, 1.0), (1.0, 1.0)])
    task = compared(store, [a], [b]).tasks[0]
    assert (task.n, task.pairing.samples_a) == (4, 2)
    assert task.se == pytest.approx(np.std([0.5, 0.5, 0, 0.5], ddof=1) / 2)
    assert task.table is None


def test_clusters_widen_the_interval(store: Store) -> None:
    values = [0.0, 0.0, 1.0, 1.0] * 20
    a, b = (stored(store, name, v, cluster=True) for name, v in (("a", values), ("b", [1.0] * 80)))
    task = compared(store, [a], [b]).tasks[0]
    assert task.pairing.clusters == 40
    assert task.method.startswith("t, CR1")


def test_lower_is_better_turns_the_sign_once(store: Store) -> None:
    metric = {"lower_is_better": True, "unit": "number"}
    a = stored(store, "a", [2.0, 3.0, 2.5], metric=metric)
    b = stored(store, "b", [1.0, 2.5, 2.0], metric=metric)
    assert (compared(store, [a], [b]).tasks[0].delta or 0) > 0


def test_a_right_or_wrong_metric_where_lower_is_better_is_tested_as_such(store: Store) -> None:
    metric = {"lower_is_better": True}
    many, fewer = [1.0] * 60 + [0.0] * 40, [0.0] * 15 + [1.0] * 50 + [0.0] * 35
    a, b = (stored(store, name, values, metric=metric) for name, values in (("a", many), ("b", fewer)))
    mirrored = paired([1 - x for x in many], [1 - x for x in fewer])
    comparison = compared(store, [a], [b])
    task, ends = comparison.tasks[0], mirrored.estimate
    assert task.method == "Tango; McNemar mid-p"
    assert (task.delta, task.low, task.high) == (pytest.approx(0.1), ends.low, ends.high)
    assert (task.p, task.p_second, task.p_better) == (mirrored.p, mirrored.p_second, mirrored.p_better)
    assert (task.verdict, comparison.suite.verdict, task.wins, task.losses) == ("improved", "improved", 15, 5)
    assert task.table == TwoByTwo(both_right=35, a_only=5, b_only=15, both_wrong=45)
    assert [(flip.direction, flip.a.value, flip.b.value) for flip in comparison.flips] == [
        *[("broke", 0.0, 1.0)] * 5,
        *[("fixed", 1.0, 0.0)] * 15,
    ]
    assert compared(store, [b], [a]).tasks[0].verdict == "regressed"


def test_a_table_of_pass_at_k_counts_what_passed_and_not_the_first_sample(store: Store) -> None:
    metric = {"reduction": "pass_at", "k": 2}
    a = stored(store, "a", [(0.0, 1.0)] * 6 + [(0.0, 0.0)] * 4, metric=metric)
    b = stored(store, "b", [(1.0, 0.0)] * 8 + [(0.0, 0.0)] * 2, metric=metric)
    task = compared(store, [a], [b]).tasks[0]
    assert task.table == TwoByTwo(both_right=6, a_only=0, b_only=2, both_wrong=2)


def test_a_question_with_fewer_samples_than_k_is_named(store: Store) -> None:
    metric = {"reduction": "pass_at", "k": 2}
    a = stored(store, "a", [(0.0, 1.0)] * 10, metric=metric)
    b = stored(store, "b", [(0.0, 1.0)] * 9 + [(1.0, None)], metric=metric)
    with pytest.raises(NotEnoughSamples, match="q9"):
        compared(store, [a], [b])


def test_tasks_in_different_units_have_no_mean_but_rates_do(store: Store) -> None:
    metric = {"lower_is_better": True, "unit": "number"}
    a = [stored(store, "a", draws(1)), stored(store, "a", [1.0, 2.0], task="bits", metric=metric)]
    b = [stored(store, "b", draws(2)), stored(store, "b", [1.5, 2.0], task="bits", metric=metric)]
    suite = compared(store, a, b).suite
    assert "bits is not in the mean: its metric is not a percentage." in suite.sentence
    assert suite.tasks == 1


def test_sides_without_a_common_task_or_definition_are_refused(store: Store) -> None:
    a, other = stored(store, "a", draws(1)), stored(store, "b", draws(2), task="spelling")
    with pytest.raises(AlignmentError, match="share no task"):
        compared(store, [a, a], [other])
    changed = stored(store, "c", draws(1)).model_copy(update={"task_fingerprint": "another"})
    with pytest.raises(TaskChanged):
        compared(store, [a], [changed])
    with pytest.raises(BadSpec, match="bootstrap"):
        compared(store, [a], [a], method="jackknife")


def test_a_run_that_stopped_early_keeps_its_verdict(store: Store) -> None:
    a = stored(store, "a", [0.0] * 200)
    stopped = Stopped(
        against=a.id, verdict="improved", reason="After 40 questions.", questions=200, saved=160
    )
    b = stored(store, "b", [1.0] * 40, stopped=stopped)
    task = compared(store, [a], [b]).tasks[0]
    assert (task.verdict, task.n) == ("improved", 40)
    assert any("After 40 questions" in note for note in task.notes)


# A ratio is compared as the ratio it is.


def test_a_ratio_has_its_own_error_effect_and_tests(store: Store) -> None:
    """The detectable effect of the unweighted differences stood beside the ratio's error: 1.157 and .018."""
    metric = {"reduction": "ratio", "unit": "number", "lower_is_better": True}
    weights = [1.0, 1.0, 1.0, 1000.0]
    scores = {"a": [1.0, 1.0, 1.0, 1.0], "b": [2.0, 2.1, 1.9, 0.9]}
    a, b = (stored(store, name, v, metric=metric, weights=weights) for name, v in scores.items())
    task = compared(store, [a], [b]).tasks[0]
    difference = np.subtract(scores["a"], scores["b"])
    by_ratio = estimate(ratio(difference * weights, denominator=weights))
    by_weights = paired(scores["a"], scores["b"], units=(weights, weights))
    assert (task.delta, task.se) == (pytest.approx(by_ratio.value), pytest.approx(by_ratio.se))
    assert task.mde == pytest.approx(by_weights.mde)
    assert task.mde == pytest.approx((3.1824463 + 0.978472) * by_ratio.se, rel=1e-5)  # type: ignore[operator]
    assert task.p_second == sign_flip(difference * weights).p


def test_rates_that_are_ratios_enter_the_mean_as_ratios(store: Store) -> None:
    metric = {"reduction": "ratio"}
    weights, generator = [float(i + 1) for i in range(50)], np.random.default_rng(3)
    values = {side: generator.random(50).tolist() for side in "ab"}
    runs = {
        side: [
            stored(store, side, values[side], task=task, metric=metric, weights=weights)
            for task in ("one", "two")
        ]
        for side in "ab"
    }
    suite = compared(store, runs["a"], runs["b"]).suite
    difference = np.subtract(values["b"], values["a"]) * weights
    task: Influenced = ratio(difference, denominator=weights)
    expected = macro({"one": TaskValues(task), "two": TaskValues(task)})
    assert (suite.delta, suite.se) == (pytest.approx(expected.value), pytest.approx(expected.se))


# Missing questions and samples.


def test_missing_questions_are_bounded_and_too_many_leave_it_open(store: Store) -> None:
    ids = [f"q{i}" for i in range(200)]
    a = stored(store, "a", [0.0] * 200, ids=ids)
    b = stored(store, "b", [1.0] * 180, ids=ids[:180])
    with pytest.raises(PartialOverlap):
        compared(store, [a], [b])
    task = compared(store, [a], [b], allow_partial=True).tasks[0]
    assert (task.verdict, len(task.pairing.only_a)) == ("unresolved", 20)
    assert task.sentence.startswith("Unresolved: 10% of the questions have no pair")
    assert (task.pairing.worst, task.pairing.best) == (pytest.approx(0.9), pytest.approx(1.0))


def test_bounds_where_lower_is_better_have_the_sign_of_the_difference(store: Store) -> None:
    ids = [f"q{i}" for i in range(100)]
    metric = {"lower_is_better": True}
    a = stored(store, "a", [1.0] * 100, ids=ids, metric=metric)
    b = stored(store, "b", [0.0] * 98, ids=ids[:98], metric=metric)
    task = compared(store, [a], [b], allow_partial=True).tasks[0]
    assert task.delta == 1
    assert (task.pairing.worst, task.pairing.best) == (pytest.approx(0.98), pytest.approx(1.0))


@pytest.mark.parametrize("tasks", [1, 2, 4])
def test_a_suite_of_which_too_much_is_lost_is_unresolved(store: Store, tasks: int) -> None:
    """With 60 of 400 pairs lost, the suite said improved and the gate passed."""
    n, lost = 400 // tasks, 60 // tasks
    names = [f"task{i}" for i in range(tasks)]
    a = [stored(store, "a", [0.0] * n, task=name) for name in names]
    b = [stored(store, "b", [1.0] * (n - lost) + [None] * lost, task=name) for name in names]
    comparison = compared(store, a, b)
    assert {task.verdict for task in comparison.tasks} == {"unresolved"}
    assert comparison.suite.verdict == "unresolved"
    assert comparison.suite.dropped == pytest.approx(0.15)
    assert "15% of the questions have no pair" in comparison.suite.sentence


def test_a_question_that_lacks_samples_is_covered_in_part(store: Store) -> None:
    """A question with 1 of 4 samples left counted as fully covered."""
    whole, left = (1.0, 1.0, 1.0, 1.0), (1.0, None, None, None)
    a = stored(store, "a", [(0.0,) * 4] * 100)
    b = stored(store, "b", [whole] * 90 + [left] * 10)
    task = compared(store, [a], [b]).tasks[0]
    assert (task.pairing.paired, task.pairing.partial_a, task.pairing.partial_b) == (100, 0, 10)
    assert task.pairing.dropped == pytest.approx(0.075)
    assert task.verdict == "unresolved"
    assert task.pairing.worst == pytest.approx(1 - 0.075)
    few = stored(store, "c", [whole] * 98 + [left] * 2)
    assert compared(store, [a], [few]).tasks[0].verdict == "improved"


# Certainty and detectable effects.


def test_a_detectable_effect_beyond_the_scale_is_none_with_the_reason(store: Store) -> None:
    """Two questions had a detectable effect of 700 percentage points."""
    runs = [stored(store, name, values) for name, values in (("a", [0.0, 1.0]), ("b", [1.0, 1.0]))]
    comparison = compared(store, runs[:1], runs[1:])
    task = comparison.tasks[0]
    assert (task.mde, comparison.suite.mde) == (None, None)
    assert task.undefined is not None
    assert "too few questions" in task.undefined
    assert "would be found" not in task.sentence


@pytest.mark.parametrize("cluster", [False, True])
def test_samples_that_all_tie_bound_the_difference_and_do_not_fix_it(store: Store, cluster: bool) -> None:
    a, b = (stored(store, name, [(1.0, 1.0)] * 30, cluster=cluster) for name in "ab")
    task = compared(store, [a], [b]).tasks[0]
    units = 15 if cluster else 30
    assert task.high == pytest.approx(1.959964**2 / (units + 1.959964**2), rel=1e-5)
    assert task.low == -task.high  # type: ignore[operator]
