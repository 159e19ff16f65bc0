"""Suites, families, checkpoints and looking more than once."""

import math

import numpy as np
import pytest
from scipy import stats

from assay.errors import EmptyScores, StatisticsError
from assay.stats import (
    Branch,
    TaskValues,
    adjust,
    alpha_spent,
    between_tasks_error,
    confidence_sequence,
    e_lond,
    e_path,
    e_value,
    estimate,
    first_crossing,
    log_e_value,
    macro,
    mean,
    mean_step,
    micro,
    monotonicity,
    nested_weights,
    recipe_difference,
    signal_to_noise,
    training_noise,
)

LONG, SHORT = [1.0, 0.0] * 400, [1.0, 0.0, 0.0, 1.0]


def test_macro_of_unequal_sizes_has_the_error_of_the_small_task() -> None:
    """Pooling the variances, as if the tasks were weighted by size, says 0.018 where it is 0.145."""
    result = macro({"long": TaskValues(LONG), "short": TaskValues(SHORT)})
    errors = [stats.sem(LONG), stats.sem(SHORT)]
    assert result.se == pytest.approx(math.hypot(*errors) / 2)
    assert result.se > 5 * micro({"long": TaskValues(LONG), "short": TaskValues(SHORT)}).se  # type: ignore[operator]
    parts = [(e / 2) ** 2 for e in errors]
    assert result.df == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 799 + parts[1] ** 2 / 3))


def test_macro_of_one_task_is_the_task() -> None:
    alone, task = macro({"short": TaskValues(SHORT)}), estimate(mean(SHORT))
    assert (alone.value, alone.df) == (task.value, pytest.approx(task.df))
    assert alone.se == pytest.approx(task.se)


def test_micro_counts_questions_alike() -> None:
    result = micro({"a": TaskValues([1.0, 1.0, 1.0]), "b": TaskValues([0.0])})
    assert result.value == 0.75
    assert result.se == pytest.approx(stats.sem([1, 1, 1, 0]))


def test_clusters_that_cross_tasks_are_summed_across_them() -> None:
    d = [1.0, 0.0, -1.0, 1.0, 0.0, 1.0]
    names = [f"q{i}" for i in range(6)]
    twice = macro({"a": TaskValues(d, cluster=names), "b": TaskValues(d, cluster=names)})
    assert twice.se == pytest.approx(estimate(mean(d)).se)
    apart = macro({"a": TaskValues(d), "b": TaskValues(d)})
    assert apart.se == pytest.approx(twice.se / math.sqrt(2))  # type: ignore[operator]


def test_a_task_without_an_error_leaves_the_suite_without_one() -> None:
    result = macro({"a": TaskValues([1.0, 0.0]), "b": TaskValues([1.0])})
    assert result.se is None
    assert result.undefined == "no standard error of b"


def test_nested_weights_multiply_down() -> None:
    tree = Branch({"maths": Branch({"gsm8k": 1, "aime": 3}), "code": 1.0})
    assert nested_weights(tree) == pytest.approx({"gsm8k": 1 / 8, "aime": 3 / 8, "code": 1 / 2})
    with pytest.raises(StatisticsError):
        nested_weights(Branch({"a": 0.0}))
    with pytest.raises(EmptyScores):
        macro({})


def test_a_claim_about_other_tasks_needs_five() -> None:
    assert between_tasks_error([0.1, 0.2]) is None
    assert between_tasks_error([0.1, 0.2, 0.3, 0.2, 0.1]) == pytest.approx(
        np.std([0.1, 0.2, 0.3, 0.2, 0.1], ddof=1) / math.sqrt(5)
    )


def test_holm_steps_down_and_undefined_p_values_leave() -> None:
    result = adjust({"a": 0.01, "b": None, "c": 0.04, "d": 0.03}, name="tasks")
    assert result.adjusted == {
        "a": pytest.approx(0.03),
        "b": None,
        "c": pytest.approx(0.06),
        "d": pytest.approx(0.06),
    }
    assert (result.size, result.left_out, result.rejected(0.05)) == (3, ("b",), ("a",))


def test_bh_is_scipys() -> None:
    p = {str(i): v for i, v in enumerate([0.001, 0.2, 0.02, 0.04, 0.9])}
    for method in ("bh", "by"):
        reference = stats.false_discovery_control(list(p.values()), method=method)
        assert list(adjust(p, name="x", method=method).adjusted.values()) == pytest.approx(reference)  # type: ignore[arg-type]


def test_families_may_be_empty_but_not_impossible() -> None:
    assert adjust({"a": None}, name="x").size == 0
    with pytest.raises(StatisticsError):
        adjust({"a": 1.5}, name="x")


def test_alpha_is_spent_once() -> None:
    spent = [alpha_spent(t) for t in range(1, 20_000)]
    assert spent[1] == pytest.approx(spent[0] / 4)
    assert sum(spent) == pytest.approx(0.05, rel=1e-3)
    with pytest.raises(StatisticsError):
        alpha_spent(0)


def test_e_values_bet_on_a_fair_coin_at_fair_odds() -> None:
    for m in (1, 5, 12):
        expectation = sum(stats.binom.pmf(w, m, 0.5) * e_value(w, m - w, a=0.5) for w in range(m + 1))
        assert expectation == pytest.approx(1)
    assert math.isfinite(log_e_value(5000, 10))


def test_an_e_path_is_followed_flip_by_flip() -> None:
    path = e_path([True] * 10)
    assert path.first_crossing == next(i for i, e in enumerate(path.e) if e >= 20)
    assert e_path([]).p_anytime == 1


def test_e_lond_discovers_more_after_a_discovery() -> None:
    level = 1 / alpha_spent(2)
    assert e_lond([1e6, level / 2]) == [True, True]
    assert e_lond([1.0, level / 2]) == [False, False]


def test_a_confidence_sequence_is_wider_than_the_interval_at_its_best() -> None:
    width = float(confidence_sequence([1000], sd=1.0, t_star=1000)[0])
    assert width * math.sqrt(1000) / 1.96 == pytest.approx(1.55, abs=0.01)


def every_path(flips: int) -> np.ndarray:
    return np.array([[1 if (code >> i) & 1 else -1 for i in range(flips)] for code in range(1 << flips)])


@pytest.mark.parametrize("every", [1, 3])
def test_no_more_than_what_is_spent_crosses(every: int) -> None:
    """All sign patterns of twelve flips among thirty questions, walked one by one."""
    places = np.sort(np.random.default_rng(2).choice(30, 12, replace=False))
    crossed = 0
    for signs in every_path(12):
        outcomes = np.zeros(30, dtype=np.int64)
        outcomes[places] = signs
        crossed += first_crossing(outcomes, total=30, spend=0.05, every=every) is not None
    assert 0.02 < crossed / 4096 <= 0.05


def test_a_crossing_says_when_and_who() -> None:
    result = first_crossing(np.repeat([0, -1], [5, 20]), total=100, spend=0.04)
    assert result is not None
    assert not result.won
    assert result.questions < 20
    assert first_crossing(np.zeros(50, dtype=np.int64), total=100, spend=0.04) is None


def test_signal_over_noise() -> None:
    result = signal_to_noise([0.5, 0.6, 0.7], checkpoints=[0.60, 0.62, 0.61])
    assert result.signal == pytest.approx(0.2 / 0.6)
    assert result.noise == pytest.approx(0.01 / 0.61)
    assert result.noise_ddof0 == pytest.approx(np.std([0.60, 0.62, 0.61]) / 0.61)
    assert result.ratio == pytest.approx(result.signal / result.noise)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("models", "last", "why"),
    [
        ([0.5], [0.1, 0.2], "n<2"),
        ([0.1, 0.2], [0.3, 0.3], "zero variance"),
        ([0.0, 0.0], [0.1, 0.2], "mean of zero"),
    ],
)
def test_signal_to_noise_is_undefined_with_a_reason(models: list[float], last: list[float], why: str) -> None:
    result = signal_to_noise(models, checkpoints=last)
    assert (result.ratio, result.undefined) == (None, why)


def test_monotonicity_is_kendalls_tau() -> None:
    scores = [0.1, 0.3, 0.2, 0.2, 0.5]
    assert monotonicity(scores) == pytest.approx(stats.kendalltau(range(5), scores).statistic)
    assert monotonicity([0.2, 0.2]) is None
    assert monotonicity([0.2]) is None


def test_the_last_checkpoints_tell_the_noise() -> None:
    assert training_noise([0.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.6]) == pytest.approx(
        np.std([0.5] * 4 + [0.6], ddof=1)
    )
    assert training_noise([0.5]) is None
    assert mean_step([0.1, 0.3, 0.2]) == pytest.approx(0.15)
    assert mean_step([0.1]) is None


def test_a_claim_about_a_recipe_is_weaker() -> None:
    result = recipe_difference(0.02, paired_se=0.006, checkpoint_sd_a=0.005, checkpoint_sd_b=0.005)
    assert result.se == pytest.approx(math.sqrt(0.006**2 + 2 * 0.005**2))
    assert recipe_difference(0.0, paired_se=0.0, checkpoint_sd_a=0.0, checkpoint_sd_b=0.0).p is None
