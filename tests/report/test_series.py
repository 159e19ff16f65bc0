"""Learning curves: each checkpoint against the first, and what the last ones scatter by."""

import numpy as np
import pytest

from assay.lookup.runs import final_scores
from assay.lookup.sides import scored_runs
from assay.records import Run
from assay.report.models import Series
from assay.report.series import make_series
from assay.stats import alpha_spent, estimate, paired, ratio
from assay.store import Store
from tests.report.examples import draws, stored


def series(store: Store, runs: list[Run]) -> Series:
    return make_series(scored_runs(store, runs), name="train", finals=final_scores(store, runs))


def test_a_curve_spends_alpha_and_tells_noise_and_signal(store: Store) -> None:
    runs = [stored(store, f"s{i}", draws(1, p=p), step=i) for i, p in enumerate((0.2, 0.3, 0.9))]
    stored(store, "other", draws(4, p=0.4))
    curve = series(store, runs).curves[0]
    assert [point.alpha for point in curve.points[1:]] == pytest.approx([0.0304, 0.0076], rel=1e-2)
    assert curve.points[2].alarm == "improved"
    assert curve.monotonicity == pytest.approx(1)
    values = [point.value or 0.0 for point in curve.points]
    assert curve.noise == pytest.approx(np.std(values, ddof=1))
    assert curve.signal_to_noise is not None


def test_the_tasks_of_a_look_are_corrected_for_each_other(store: Store) -> None:
    scores = {0: draws(1), 1: draws(1)[:-30] + [1.0] * 30, 2: draws(1)[:-9] + [1.0] * 9}
    runs = [
        stored(store, f"s{step}", values, step=step, task=task)
        for step, values in scores.items()
        for task in ("one", "two", "three")
    ]
    for look in (1, 2):
        points = [curve.points[look] for curve in series(store, runs).curves]
        assert [point.p_corrected for point in points] == pytest.approx([min(1, 3 * (points[0].p or 1))] * 3)
        alpha = alpha_spent(look)
        assert [point.alarm is not None for point in points] == [3 * (points[0].p or 1) <= alpha] * 3


def test_a_ratio_on_the_curve_is_the_ratio(store: Store) -> None:
    """The curve moved by -0.097, and its own difference, of unweighted means, said +0.725."""
    metric = {"reduction": "ratio", "unit": "number"}
    weights = [1.0, 1.0, 1.0, 1000.0]
    a, b = [1.0, 1.0, 1.0, 1.0], [2.0, 2.1, 1.9, 0.9]
    summaries = [{**metric, "value": float(np.dot(weights, values) / np.sum(weights))} for values in (a, b)]
    runs = [
        stored(store, f"s{i}", values, step=i, metric=metric, weights=weights)
        for i, values in enumerate((a, b))
    ]
    runs = [
        run.model_copy(update={"metrics": {"exact": run.metrics["exact"].model_copy(update=summary)}})
        for run, summary in zip(runs, summaries, strict=True)
    ]
    points = series(store, runs).curves[0].points
    expected = estimate(ratio(np.subtract(b, a) * weights, denominator=weights))
    assert points[1].delta == pytest.approx(expected.value)
    assert points[1].delta == pytest.approx((points[1].value or 0) - (points[0].value or 0))
    assert points[1].p == pytest.approx(paired(a, b, units=(weights, weights)).p)


def test_a_checkpoint_of_which_too_much_failed_raises_no_alarm(store: Store) -> None:
    runs = [
        stored(store, "s0", [0.0] * 100, step=0),
        stored(store, "s1", [1.0] * 90 + [None] * 10, step=1),
    ]
    point = series(store, runs).curves[0].points[1]
    assert (point.delta, point.alarm) == (1.0, None)


def test_what_cannot_be_compared_with_the_first_has_a_score_alone(store: Store) -> None:
    runs = [
        stored(store, "s0", [0.0] * 50, step=0),
        stored(store, "s1", [1.0] * 40, step=1),
        stored(store, "s2", [1.0] * 50, step=2),
    ]
    drawn = series(store, runs)
    points = drawn.curves[0].points
    assert (points[1].value, points[1].delta, points[2].delta) == (1.0, None, 1.0)
    assert drawn.comparison is None
    assert drawn.notes[0].startswith("The last two checkpoints are not compared: 0 questions are only in A")


def test_where_lower_is_better_a_falling_curve_is_monotone(store: Store) -> None:
    metric = {"lower_is_better": True, "unit": "number"}
    runs = [
        stored(store, f"s{i}", [bits, bits + 1], step=i, metric=metric)
        for i, bits in enumerate((3.0, 2.0, 1.0))
    ]
    assert series(store, runs).curves[0].monotonicity == pytest.approx(1)


def test_where_lower_is_better_a_curve_is_tested_by_its_flips(store: Store) -> None:
    metric = {"lower_is_better": True}
    values = [[1.0] * 60 + [0.0] * 40, [0.0] * 25 + [1.0] * 40 + [0.0] * 35]
    runs = [stored(store, f"s{i}", scores, step=i, metric=metric) for i, scores in enumerate(values)]
    point = series(store, runs).curves[0].points[1]
    assert point.p == paired(*values).p
    assert (point.delta, point.alarm) == (pytest.approx(0.2), "improved")


def test_one_checkpoint_has_a_point_and_nothing_to_compare(store: Store) -> None:
    alone = series(store, [stored(store, "s0", draws(1), step=0)])
    assert alone.comparison is None
    assert len(alone.curves[0].points) == 1
    assert alone.curves[0].undefined == "scatter and monotonicity need 3 checkpoints"
