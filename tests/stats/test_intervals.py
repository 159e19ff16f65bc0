"""Intervals at the ends of the scale: certain of nothing, and never outside it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from assay.errors import ScoreOutOfRange
from assay.stats import (
    Estimate,
    beta_binomial_interval,
    bounded_interval,
    design_effect,
    detectable,
    estimate,
    mean,
    pass_at_k,
    ratio,
    sampled_score,
    score_interval,
    wilson,
)
from assay.stats.freedom import intraclass_correlation, satterthwaite

Z = 1.959963984540054


def width(result: Estimate) -> float:
    assert result.low is not None
    assert result.high is not None
    return result.high - result.low


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_samples_that_are_all_right_or_all_wrong_leave_room_for_doubt(right: float) -> None:
    """30 questions with 2 samples each, all right, had the interval [1, 1]; with one sample, [.886, 1]."""
    several = sampled_score([[right, right]] * 30).new_questions
    single = score_interval([right] * 30)
    assert several.value == right
    assert 0.05 < width(several) <= width(single)
    ends = (several.low, several.high)
    assert right in ends
    assert 0.0 <= ends[0] <= ends[1] <= 1.0  # type: ignore[operator]


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_clusters_that_are_all_right_or_all_wrong_count_as_one_each(right: float) -> None:
    """15 clusters, all right, had the interval [1, 1]."""
    cluster = np.repeat(np.arange(15), 4)
    result = score_interval([right] * 60, cluster=cluster)
    t = 2.1447866879169273
    assert width(result) == pytest.approx(t * t / (15 + t * t))
    unequal = np.repeat(np.arange(15), np.arange(1, 16))
    assert width(score_interval([right] * 120, cluster=unequal)) > width(result)


def test_pass_at_k_of_one_stays_uncertain() -> None:
    values = pass_at_k([4] * 20, n=4, k=2)
    result = score_interval(values, bounds=(0.0, 1.0))
    assert (result.high, result.low) == (1.0, pytest.approx(wilson(20, n=20).low, abs=0.001))


@settings(max_examples=80, deadline=None)
@given(
    samples=st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=5), min_size=2, max_size=30),
    clustered=st.booleans(),
)
def test_an_interval_of_rates_stays_inside_and_holds_the_rate(
    samples: list[list[int]], clustered: bool
) -> None:
    cluster = [i // 2 for i in range(len(samples))] if clustered else None
    result = sampled_score(samples, cluster=cluster).new_questions
    if result.low is None or result.high is None or result.value is None:
        assert result.undefined
        return
    assert -1e-12 <= result.low <= result.value + 1e-12
    assert result.value - 1e-12 <= result.high <= 1 + 1e-12
    assert result.high > result.low


def test_f1_near_an_end_is_not_below_zero() -> None:
    scores = [0.0] * 27 + [0.3, 0.6, 1.0]
    by_t = estimate(mean(scores))
    assert by_t.low is not None
    assert by_t.low < 0
    result = score_interval(scores, bounds=(0, 1))
    assert 0 < result.low < result.value < result.high < 1  # type: ignore[operator]
    assert score_interval(scores).low == by_t.low


def test_bounds_scale_the_interval() -> None:
    scores = np.array([0.1, 0.4, 0.2, 0.9, 0.3])
    plain = score_interval(scores, bounds=(0, 1))
    percent = score_interval(200 * scores - 100, bounds=(-100, 100))
    assert percent.low == pytest.approx(200 * plain.low - 100)  # type: ignore[operator]
    with pytest.raises(ScoreOutOfRange):
        score_interval([0.5, 1.5], bounds=(0, 1))
    with pytest.raises(ScoreOutOfRange):
        bounded_interval(ratio([5.0, 6.0], denominator=[1.0, 1.0]))
    with pytest.raises(ScoreOutOfRange):
        score_interval([0.5], bounds=(1, 0))


def test_what_has_no_bounds_and_does_not_vary_has_no_interval() -> None:
    result = score_interval([2.5] * 10)
    assert (result.value, result.se, result.low, result.high) == (2.5, 0.0, None, None)
    assert result.undefined is not None
    assert "all values agree" in result.undefined


def test_the_beta_binomial_interval_of_single_samples_is_the_beta_interval() -> None:
    """Single samples say nothing of the correlation, so the posterior is Beta(c + 1, n - c + 1)."""
    for correct, n in ((3, 20), (50, 80), (1, 400)):
        result = beta_binomial_interval([1] * correct + [0] * (n - correct), samples=[1] * n)
        expected = special.betaincinv(correct + 1, n - correct + 1, [0.025, 0.975])
        assert result == pytest.approx(tuple(expected), rel=5e-3)


def test_the_beta_binomial_interval_is_that_of_the_posterior_by_brute_force() -> None:
    correct, samples = np.array([0, 1, 4, 2, 4]), np.array([4, 4, 4, 3, 5])
    m, rho = np.meshgrid(np.linspace(0.0005, 0.9995, 1000), np.linspace(0.0005, 0.9995, 1000), indexing="ij")
    size = 1 / rho - 1
    a, b = m * size, (1 - m) * size
    log_density = sum(
        special.betaln(a + c, b + k - c) - special.betaln(a, b) for c, k in zip(correct, samples, strict=True)
    )
    cumulative = np.cumsum(np.exp(log_density).sum(axis=1))
    expected = np.interp([0.025, 0.975], cumulative / cumulative[-1], m[:, 0] + 0.0005)
    assert beta_binomial_interval(correct, samples=samples) == pytest.approx(tuple(expected), rel=3e-3)


def test_samples_that_agree_are_worth_little_and_others_much() -> None:
    alike = sampled_score([[1, 1, 1, 1]] * 20 + [[0, 0, 0, 0]] * 20).new_questions
    mixed = sampled_score([[1, 1, 0, 0]] * 40).new_questions
    single = score_interval([1] * 20 + [0] * 20)
    assert width(mixed) < 0.6 * width(alike)
    assert width(alike) == pytest.approx(width(single), rel=0.12)


def test_many_questions_have_the_interval_of_normal_theory() -> None:
    generator = np.random.default_rng(3)
    correct = generator.binomial(8, generator.beta(2, 3, 20_000))
    low, high = beta_binomial_interval(correct, samples=[8] * 20_000)
    half = Z * float(np.std(correct / 8, ddof=1)) / math.sqrt(20_000)
    assert (high - low) / 2 == pytest.approx(half, rel=0.03)


def matrix_freedom(sizes: list[int], rho: float) -> float:
    """Satterthwaite's degrees of freedom by the matrices: of the CR2 variance of a mean."""
    n = np.array(sizes)
    codes = np.repeat(np.arange(len(n)), n)
    omega = np.where(codes[:, None] == codes[None, :], rho, 0.0) + (1 - rho) * np.eye(len(codes))
    centre = np.eye(len(codes)) - 1 / len(codes)
    scaled = [(codes == g) / math.sqrt(1 - size / len(codes)) / len(codes) for g, size in enumerate(sizes)]
    b = np.array(scaled) @ centre
    m = b @ omega @ b.T
    return float(np.trace(m) ** 2 / np.sum(m * m))


@pytest.mark.parametrize("sizes", [[5, 5, 5, 5], [1, 2, 9, 4], [1, 30, 2, 2, 2], [40, 3]])
def test_the_degrees_of_freedom_are_those_of_the_matrices(sizes: list[int]) -> None:
    codes = np.repeat(np.arange(len(sizes)), sizes)
    n = len(codes)
    values = np.random.default_rng(4).normal(size=n) + codes
    influence, leverage = (values - values.mean()) / n, np.full(n, 1 / n)
    rho = intraclass_correlation(values, codes=codes)
    df = satterthwaite(influence, codes=codes, leverage=leverage)
    assert df == pytest.approx(matrix_freedom(sizes, rho))
    assert 1 <= df <= len(sizes) - 1 + 1e-9
    assert estimate(mean(values), cluster=codes).df == pytest.approx(df)


def test_the_correlation_within_clusters_is_that_of_the_analysis_of_variance() -> None:
    codes = np.repeat(np.arange(4), 3)
    values = np.array([1.0, 2, 3, 4, 5, 6, 2, 2, 2, 9, 8, 7])
    groups = values.reshape(4, 3)
    msb = 3 * np.var(groups.mean(axis=1), ddof=1)
    msw = np.mean(np.var(groups, axis=1, ddof=1))
    assert intraclass_correlation(values, codes=codes) == pytest.approx((msb - msw) / (msb + 2 * msw))
    assert intraclass_correlation(np.array([0.0, 1.0, 0.0, 1.0]), codes=np.array([0, 0, 1, 1])) == 0
    assert intraclass_correlation(values, codes=np.arange(12)) == 1


def test_the_design_effect_of_copies_is_their_number() -> None:
    scores = [1, 0, 0, 1, 1, 0, 1, 1]
    copied = np.repeat(scores, 5)
    effect = design_effect(copied, cluster=np.repeat(np.arange(8), 5))
    assert effect == pytest.approx(5 * 39 / 35)


def test_an_effect_beyond_the_scale_is_undetectable_with_the_reason() -> None:
    """Two questions had a detectable effect of 7, which is 700 percentage points."""
    result = estimate(mean([0.0, 1.0]))
    assert detectable(result).value == pytest.approx(7.04, abs=0.01)
    effect = detectable(result, largest=1.0)
    assert effect.value is None
    assert effect.undefined is not None
    assert "too few questions" in effect.undefined
    assert detectable(estimate(mean([0.5]))) == (None, "n<2")
    assert detectable(estimate(mean([0.5, 1.0]), cluster=["a", "a"])) == (None, "G<2")
    assert detectable(estimate(mean([0.5, 0.5]))) == (None, "zero variance")
