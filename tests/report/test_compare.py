"""Comparisons of stored runs: what is tested, what is said, and what is left undefined."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from assay.errors import PartialOverlap, StatisticsError
from assay.records import Run, Stopped
from assay.render.tables import explanations
from assay.report.compare import compare_runs
from assay.report.gate import judge
from assay.report.models import TwoByTwo
from assay.report.planning import Assumptions, measured, resolve
from assay.report.series import make_series
from assay.stats.paired import paired
from assay.store import Store
from tests.report.examples import stored


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open() as found:
        yield found


def draws(seed: int, n: int = 200, p: float = 0.5) -> list[float]:
    return [float(x) for x in np.random.default_rng(seed).random(n) < p]


def test_a_task_is_tested_as_its_arrays_are(store: Store) -> None:
    a, b = draws(1), draws(2, p=0.7)
    found = compare_runs(store, [stored(store, "a", a)], [stored(store, "b", b)])
    task, arrays = found.tasks[0], paired(a, b)
    assert (task.delta, task.p, task.p_second) == (arrays.delta, arrays.p, arrays.p_second)
    assert (task.low, task.mde, task.p_better) == (arrays.estimate.low, arrays.mde, arrays.p_better)
    assert task.table is not None
    assert task.table.b_only == task.wins
    assert found.suite.delta == task.delta
    assert found.suite.sentence == task.sentence
    assert task.p_holm == task.p


def test_a_third_run_never_changes_a_pair(store: Store) -> None:
    a, b = stored(store, "a", draws(1)), stored(store, "b", draws(2))
    before = compare_runs(store, [a], [b])
    stored(store, "c", draws(3, n=20))
    after = compare_runs(store, [a], [b])
    assert after.model_copy(update={"created": ""}) == before.model_copy(update={"created": ""})


def test_the_suite_is_the_mean_of_its_tasks_with_the_family_beside_it(store: Store) -> None:
    names = [f"task{i}" for i in range(5)]
    a = [stored(store, "a", draws(i), task=name) for i, name in enumerate(names)]
    b = [stored(store, "b", draws(i + 50, p=0.6), task=name) for i, name in enumerate(names)]
    found = compare_runs(store, a, b, name="all five")
    deltas = [task.delta or 0.0 for task in found.tasks]
    assert found.suite.delta == pytest.approx(np.mean(deltas))
    assert found.suite.se == pytest.approx(math.sqrt(sum((t.se or 0) ** 2 for t in found.tasks)) / 5)
    assert found.suite.between_tasks_se == pytest.approx(np.std(deltas, ddof=1) / math.sqrt(5))
    assert 0 < (found.suite.p_better or 0) < 1
    assert (found.family.name, found.family.size, found.family.correction) == ("all five", 5, "Holm")
    smallest = min(found.tasks, key=lambda task: task.p or 1)
    assert smallest.p_holm == pytest.approx(min(1, 5 * (smallest.p or 1)))


def test_samples_of_a_question_are_one_number(store: Store) -> None:
    a = stored(store, "a", [(1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    b = stored(store, "b", [(1.0, 1.0), (0.0, 1.0), (1.0, 1.0), (1.0, 1.0)])
    task = compare_runs(store, [a], [b]).tasks[0]
    assert (task.n, task.pairing.samples_a) == (4, 2)
    assert task.se == pytest.approx(np.std([0.5, 0.5, 0, 0.5], ddof=1) / 2)
    assert task.table is None


def test_clusters_widen_the_interval(store: Store) -> None:
    values = [0.0, 0.0, 1.0, 1.0] * 20
    a, b = (stored(store, name, v, cluster=True) for name, v in (("a", values), ("b", [1.0] * 80)))
    task = compare_runs(store, [a], [b]).tasks[0]
    assert task.pairing.clusters == 40
    assert task.method.startswith("t, CR1")


def test_lower_is_better_is_turned_once(store: Store) -> None:
    metric = {"lower_is_better": True, "unit": "number"}
    a = stored(store, "a", [2.0, 3.0, 2.5], metric=metric)
    b = stored(store, "b", [1.0, 2.5, 2.0], metric=metric)
    assert (compare_runs(store, [a], [b]).tasks[0].delta or 0) > 0


def test_a_right_or_wrong_metric_of_which_less_is_better_is_tested_as_such(store: Store) -> None:
    metric = {"lower_is_better": True}
    bad, fewer = [1.0] * 60 + [0.0] * 40, [0.0] * 15 + [1.0] * 50 + [0.0] * 35
    a, b = (stored(store, name, values, metric=metric) for name, values in (("a", bad), ("b", fewer)))
    mirrored = paired([1 - x for x in bad], [1 - x for x in fewer])
    found = compare_runs(store, [a], [b])
    task = found.tasks[0]
    assert task.method == "Tango; McNemar mid-p"
    assert (task.delta, task.low, task.high) == (
        pytest.approx(0.1),
        mirrored.estimate.low,
        mirrored.estimate.high,
    )
    assert (task.p, task.p_second, task.p_better) == (mirrored.p, mirrored.p_second, mirrored.p_better)
    assert (task.verdict, found.suite.verdict, task.wins, task.losses) == ("improved", "improved", 15, 5)
    assert task.table is not None
    assert task.table == TwoByTwo(both_right=35, a_only=5, b_only=15, both_wrong=45)
    assert [(flip.direction, flip.a.value, flip.b.value) for flip in found.flips] == [
        *[("broke", 0.0, 1.0)] * 5,
        *[("fixed", 1.0, 0.0)] * 15,
    ]
    assert compare_runs(store, [b], [a]).tasks[0].verdict == "regressed"
    assert judge(compare_runs(store, [b], [a])).result == "regressed"


def test_bounds_of_a_metric_of_which_less_is_better_are_turned_too(store: Store) -> None:
    ids = [f"q{i}" for i in range(100)]
    metric = {"lower_is_better": True}
    a = stored(store, "a", [1.0] * 100, ids=ids, metric=metric)
    b = stored(store, "b", [0.0] * 98, ids=ids[:98], metric=metric)
    task = compare_runs(store, [a], [b], allow_partial=True).tasks[0]
    assert task.delta == 1
    assert (task.pairing.worst, task.pairing.best) == (pytest.approx(0.98), pytest.approx(1.0))


def test_a_curve_of_which_less_is_better_is_monotone_where_it_falls(store: Store) -> None:
    metric = {"lower_is_better": True, "unit": "number"}
    runs = [
        stored(store, f"s{i}", [bits, bits + 1], step=i, metric=metric)
        for i, bits in enumerate((3.0, 2.0, 1.0))
    ]
    assert make_series(store, runs, name="train").curves[0].monotonicity == pytest.approx(1)


def test_a_curve_of_a_metric_of_which_less_is_better_is_tested_by_its_flips(store: Store) -> None:
    metric = {"lower_is_better": True}
    values = [[1.0] * 60 + [0.0] * 40, [0.0] * 25 + [1.0] * 40 + [0.0] * 35]
    runs = [stored(store, f"s{i}", some, step=i, metric=metric) for i, some in enumerate(values)]
    point = make_series(store, runs, name="train").curves[0].points[1]
    assert point.p == paired(*values).p
    assert (point.delta, point.alarm) == (pytest.approx(0.2), "improved")


def test_tasks_in_different_units_have_no_mean_but_rates_do(store: Store) -> None:
    metric = {"lower_is_better": True, "unit": "number"}
    a = [stored(store, "a", draws(1)), stored(store, "a", [1.0, 2.0], task="bits", metric=metric)]
    b = [stored(store, "b", draws(2)), stored(store, "b", [1.5, 2.0], task="bits", metric=metric)]
    found = compare_runs(store, a, b)
    assert "bits" in found.suite.sentence
    assert found.suite.tasks == 1


def test_missing_questions_are_bounded_and_too_many_leave_it_open(store: Store) -> None:
    ids = [f"q{i}" for i in range(200)]
    a = stored(store, "a", [0.0] * 200, ids=ids)
    b = stored(store, "b", [1.0] * 180, ids=ids[:180])
    with pytest.raises(PartialOverlap):
        compare_runs(store, [a], [b])
    task = compare_runs(store, [a], [b], allow_partial=True).tasks[0]
    assert (task.verdict, len(task.pairing.only_a)) == ("unresolved", 20)
    assert (task.pairing.worst, task.pairing.best) == (pytest.approx(0.9), pytest.approx(1.0))


def test_a_run_that_stopped_early_keeps_its_verdict(store: Store) -> None:
    a = stored(store, "a", [0.0] * 200)
    told = Stopped(against=a.id, verdict="improved", reason="After 40 questions.", questions=200, saved=160)
    b = stored(store, "b", [1.0] * 40, stopped=told)
    task = compare_runs(store, [a], [b]).tasks[0]
    assert (task.verdict, task.n) == ("improved", 40)
    assert any("After 40 questions" in note for note in task.notes)


def test_gates_pass_regress_and_leave_open(store: Store) -> None:
    base = stored(store, "a", draws(1, n=400))
    same = stored(store, "same", draws(1, n=400))
    worse = stored(store, "worse", [0.0] * 400)
    noisy = stored(store, "noisy", draws(9, n=400))
    assert judge(compare_runs(store, [base], [same])).result == "passed"
    assert judge(compare_runs(store, [base], [worse])).result == "regressed"
    assert judge(compare_runs(store, [base], [noisy])).result == "unresolved"
    assert judge(compare_runs(store, [worse], [base])).result == "passed"


def test_a_gate_does_not_pass_because_nothing_flipped_in_a_handful(store: Store) -> None:
    few = [stored(store, name, [1.0] * 20) for name in "ab"]
    assert judge(compare_runs(store, few[:1], few[1:])).result == "unresolved"


def test_a_gate_over_tasks_in_which_nothing_flipped_rests_on_their_bounds(store: Store) -> None:
    sides = [[stored(store, name, draws(1, n=400), task=task) for task in ("one", "two")] for name in "ab"]
    assert judge(compare_runs(store, *sides)).result == "passed"


def test_training_noise_weakens_the_claim(store: Store) -> None:
    shares = {"old": (0.50, 0.55, 0.48, 0.56), "new": (0.52, 0.50, 0.61, 0.58, 0.60)}
    a, b = (trained(store, name, scores) for name, scores in shares.items())
    suite = compare_runs(store, a[-1:], b[-1:]).suite
    assert suite.recipe is not None
    assert suite.recipe.noise_a == pytest.approx(np.std(shares["old"], ddof=1))
    assert suite.recipe.noise_b == pytest.approx(np.std(shares["new"], ddof=1))
    parts = ((suite.se or 0) ** 2, suite.recipe.noise_a**2, suite.recipe.noise_b**2)
    assert suite.recipe.se == pytest.approx(math.sqrt(sum(parts)))
    assert compare_runs(store, a[1:2], b[-1:]).suite.recipe is None


def test_one_training_is_no_claim_about_two(store: Store) -> None:
    runs = trained(store, "only", (0.1, 0.3, 0.5, 0.7, 0.9))
    found = compare_runs(store, runs[3:4], runs[4:])
    assert found.suite.recipe is None
    assert not any("two trainings" in line for line in explanations(found))


def trained(store: Store, name: str, shares: Sequence[float]) -> list[Run]:
    """Store the checkpoints of a training run that answered these shares of 200 questions."""
    return [
        stored(
            store,
            f"{name}{i}",
            [1.0] * round(200 * share) + [0.0] * (200 - round(200 * share)),
            step=i,
            training_run=name,
        )
        for i, share in enumerate(shares)
    ]


def test_a_curve_spends_alpha_and_tells_noise_and_signal(store: Store) -> None:
    runs = [stored(store, f"s{i}", draws(1, p=p), step=i) for i, p in enumerate((0.2, 0.3, 0.9))]
    stored(store, "other", draws(4, p=0.4))
    curve = make_series(store, runs, name="train").curves[0]
    assert [point.alpha for point in curve.points[1:]] == pytest.approx([0.0304, 0.0076], rel=1e-2)
    assert curve.points[2].alarm == "improved"
    assert curve.monotonicity == pytest.approx(1)
    values = [point.value or 0.0 for point in curve.points]
    assert curve.noise == pytest.approx(np.std(values, ddof=1))
    assert curve.signal_to_noise is not None


def test_plans_come_from_stored_runs_or_assumptions(store: Store) -> None:
    a, b = stored(store, "a", draws(1)), stored(store, "b", draws(2))
    plan = resolve(measured(store, [a, b]), delta=0.005, alpha=0.05, power=0.8)
    sd = np.std(np.subtract(draws(2), draws(1)), ddof=1)
    assert plan.required_n == pytest.approx((2.8016 * sd / 0.005) ** 2, rel=0.001)
    assert plan.required_samples is None
    assert "0.5 pp" in plan.sentences[-1]
    assumed = resolve(Assumptions.of_flips(0.2, n=1000), delta=0.04, alpha=0.05, power=0.8)
    assert assumed.mde == pytest.approx(0.0396, rel=0.01)


def test_a_plan_says_how_many_samples_help(store: Store) -> None:
    generator = np.random.default_rng(1)
    pairs = [tuple(generator.integers(0, 2, 4).astype(float)) for _ in range(300)]
    run, other = stored(store, "a", pairs), stored(store, "b", pairs[::-1])
    plan = resolve(measured(store, [run, other]), delta=0.03, alpha=0.05, power=0.8)
    assert plan.required_samples is not None
    assert plan.required_samples > 1


def test_nothing_is_planned_from_what_does_not_vary(store: Store) -> None:
    runs = [stored(store, name, [1.0] * 20) for name in "ab"]
    with pytest.raises(StatisticsError, match="--flips"):
        resolve(measured(store, runs), delta=0.01, alpha=0.05, power=0.8)
