"""Plans rest on the variances of stored runs, or on assumptions, and say so."""

import numpy as np
import pytest

from assay.errors import AlignmentError, StatisticsError
from assay.lookup.sides import scored_runs
from assay.report.planning import Assumptions, measured, resolve
from assay.stats import estimate, ratio
from assay.store import Store
from tests.report.examples import draws, stored


def test_plans_come_from_stored_runs_or_assumptions(store: Store) -> None:
    runs = [stored(store, "a", draws(1)), stored(store, "b", draws(2))]
    plan = resolve(measured(scored_runs(store, runs)), delta=0.005, alpha=0.05, power=0.8)
    sd = np.std(np.subtract(draws(2), draws(1)), ddof=1)
    assert plan.required_n == pytest.approx((2.8016 * sd / 0.005) ** 2, rel=0.001)
    assert plan.required_samples is None
    assert "0.5 pp" in plan.sentences[-1]
    assumed = resolve(Assumptions.of_flips(0.2, n=1000), delta=0.04, alpha=0.05, power=0.8)
    assert assumed.mde == pytest.approx(0.0396, rel=0.01)
    assert assumed.sentences[1] == (
        "With 1,000 questions, a true difference of 4 pp would be found 80 % of the time (alpha 0.05)."
    )


def test_one_run_is_taken_for_two_that_do_not_correlate(store: Store) -> None:
    assumed = measured(scored_runs(store, [stored(store, "a", draws(1))]))
    assert assumed.sd == pytest.approx(np.sqrt(2) * np.std(draws(1), ddof=1))


def test_a_plan_says_how_many_samples_help(store: Store) -> None:
    generator = np.random.default_rng(1)
    pairs = [tuple(generator.integers(0, 2, 4).astype(float)) for _ in range(300)]
    runs = [stored(store, "a", pairs), stored(store, "b", pairs[::-1])]
    plan = resolve(measured(scored_runs(store, runs)), delta=0.03, alpha=0.05, power=0.8)
    assert plan.required_samples is not None
    assert plan.required_samples > 1


def test_a_plan_for_a_ratio_rests_on_the_ratio(store: Store) -> None:
    metric = {"reduction": "ratio", "unit": "number"}
    weights = [float(i + 1) for i in range(80)]
    generator = np.random.default_rng(2)
    values = [generator.random(80).tolist() for _ in "ab"]
    runs = [
        stored(store, name, scores, metric=metric, weights=weights)
        for name, scores in zip("ab", values, strict=True)
    ]
    assumed = measured(scored_runs(store, runs))
    by_ratio = estimate(ratio(np.subtract(values[1], values[0]) * weights, denominator=weights))
    assert assumed.sd / np.sqrt(80) == pytest.approx(by_ratio.se)
    assert "pp" not in " ".join(resolve(assumed, delta=0.03, alpha=0.05, power=0.8).sentences)


def test_nothing_is_planned_from_what_does_not_vary(store: Store) -> None:
    runs = [stored(store, name, [1.0] * 20) for name in "ab"]
    with pytest.raises(StatisticsError, match="--flips"):
        resolve(measured(scored_runs(store, runs)), delta=0.01, alpha=0.05, power=0.8)
    other = stored(store, "c", [1.0] * 20, task="spelling")
    with pytest.raises(AlignmentError):
        measured(scored_runs(store, [runs[0], other]))


def test_too_few_questions_detect_nothing_on_the_scale(store: Store) -> None:
    runs = [stored(store, "a", [0.0, 1.0]), stored(store, "b", [1.0, 1.0])]
    plan = resolve(measured(scored_runs(store, runs)), delta=0.1, alpha=0.05, power=0.8)
    assert plan.mde is None
    assert "2 questions are too few to find any difference" in plan.sentences[1]
