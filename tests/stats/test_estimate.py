"""One score with its uncertainty: clusters, ratios, intervals, and what is not defined."""

import math

import numpy as np
import pytest
from scipy import stats

from assay.errors import (
    EmptyScores,
    MissingCluster,
    MissingScores,
    ScoreOutOfRange,
    StatisticsError,
    TooFewClusters,
)
from assay.stats import (
    agresti_coull,
    beta_interval,
    clopper_pearson,
    design_effect,
    detectable,
    estimate,
    mean,
    ratio,
    score_interval,
    standard_error,
    two_sided_p,
    wilson,
)
from assay.stats.scores import finite_scores

SCORES = [1, 0, 1, 1, 0, 1, 0, 0, 1, 1]
CLUSTERS = ["a", "a", "a", "a", "a", "b", "b", "c", "d", "d"]


def test_the_error_of_a_mean_is_that_of_the_textbook() -> None:
    result = estimate(mean(SCORES))
    low, high = stats.t.interval(0.95, 9, loc=np.mean(SCORES), scale=stats.sem(SCORES))
    assert result.se == pytest.approx(stats.sem(SCORES))
    assert (result.low, result.high) == (pytest.approx(low), pytest.approx(high))
    assert two_sided_p(result, null=0.5) == pytest.approx(stats.ttest_1samp(SCORES, 0.5).pvalue)


def test_clusters_of_one_are_no_clusters() -> None:
    alone = standard_error(mean(SCORES).influence, cluster=list(range(10)), correction="CR1")
    assert alone.se == pytest.approx(stats.sem(SCORES))


def matrix_cr2(scores: list[int], clusters: list[str]) -> float:
    """Bell and McCaffrey's estimator by its matrices: A_g = (I - H_gg)^(-1/2), for a regression on ones."""
    y, names = np.array(scores, dtype=float), np.array(clusters)
    n = len(y)
    residual = y - y.mean()
    total = 0.0
    for name in set(clusters):
        rows = np.flatnonzero(names == name)
        hat = np.full((len(rows), len(rows)), 1 / n)
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - hat)
        adjusted = vectors @ np.diag(values**-0.5) @ vectors.T @ residual[rows]
        total += adjusted.sum() ** 2
    return math.sqrt(total) / n


def test_cr2_is_that_of_the_matrices_and_is_taken_for_a_large_cluster() -> None:
    result = estimate(mean(SCORES), cluster=CLUSTERS)
    assert result.method == "t, CR2"
    assert result.se == pytest.approx(matrix_cr2(SCORES, CLUSTERS))


def test_cr1_sums_influence_over_clusters() -> None:
    y = np.array(SCORES) - np.mean(SCORES)
    sums = [y[[c == name for c in CLUSTERS]].sum() for name in "abcd"]
    result = estimate(mean(SCORES), cluster=CLUSTERS, correction="CR1")
    assert result.se == pytest.approx(math.sqrt(4 / 3 * sum(s * s for s in sums)) / 10)
    assert result.df == 3
    assert any("fewer than 30 clusters" in note for note in result.notes)


def test_one_cluster_is_not_defined() -> None:
    result = estimate(mean(SCORES), cluster=["a"] * 10)
    assert (result.se, result.low, result.undefined) == (None, None, "G<2")
    assert detectable(result).value is None
    with pytest.raises(TooFewClusters):
        standard_error(mean(SCORES).influence, cluster=["a"] * 10)
    assert design_effect(SCORES, cluster=["a"] * 10) is None


def test_questions_without_a_cluster_are_never_put_together() -> None:
    clusters = ["a", "a", None, None, "b", "b"]
    with pytest.raises(MissingCluster, match="#2, #3"):
        estimate(mean(SCORES[:6]), cluster=clusters)
    assert estimate(mean(SCORES[:6]), cluster=clusters, missing="singleton").n_clusters == 4
    assert estimate(mean(SCORES[:6]), cluster=[None] * 6).n_clusters is None


def test_one_question_has_no_error() -> None:
    result = estimate(mean([0.4]))
    assert (result.value, result.se, result.low, result.undefined) == (0.4, None, None, "n<2")
    assert two_sided_p(result) is None


@pytest.mark.parametrize("values", [[], [[]]])
def test_no_score_is_an_error(values: list[float]) -> None:
    with pytest.raises(EmptyScores):
        mean(values)


@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
def test_missing_scores_are_named(bad: float | None) -> None:
    with pytest.raises(MissingScores, match="q2"):
        finite_scores([1.0, bad], ids=["q1", "q2"])


def test_scores_outside_their_range_are_named() -> None:
    with pytest.raises(ScoreOutOfRange, match="#1"):
        finite_scores([0.5, 1.5], low=0.0, high=1.0)


def test_an_error_of_zero_is_flagged_and_wilson_is_shown() -> None:
    result = score_interval([1.0] * 20)
    assert result.se == 0
    assert not result.informative
    assert result.low == pytest.approx(0.8388748419471808)
    assert result.high == 1
    assert detectable(result).value is None


def test_wilson_is_scipys() -> None:
    for k, n in ((0, 7), (3, 10), (10, 10), (81, 263)):
        reference = stats.binomtest(k, n).proportion_ci(method="wilson")
        assert (wilson(k, n=n).low, wilson(k, n=n).high) == (
            pytest.approx(reference.low, abs=1e-14),
            pytest.approx(reference.high),
        )
        exact = stats.binomtest(k, n).proportion_ci(method="exact")
        assert clopper_pearson(k, n=n).low == pytest.approx(exact.low)
        assert clopper_pearson(k, n=n).high == pytest.approx(exact.high)


def test_the_densest_interval_holds_the_value_at_the_ends() -> None:
    assert beta_interval(20, n=20).high < 1  # type: ignore[operator]
    assert beta_interval(20, n=20, at_ends="hpd").high == 1
    assert beta_interval(0, n=20, at_ends="hpd").low == 0


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ScoreOutOfRange):
        agresti_coull(5, n=4)
    with pytest.raises(EmptyScores):
        wilson(0, n=0)


def test_a_ratio_of_sums_has_the_error_of_a_ratio() -> None:
    generator = np.random.default_rng(1)
    units = generator.integers(1, 50, 400).astype(float)
    bits = units * generator.normal(0.8, 0.1, 400)
    result = estimate(ratio(bits, denominator=units))
    assert result.value == pytest.approx(bits.sum() / units.sum())
    leave_out = (bits.sum() - bits) / (units.sum() - units)
    jackknife = math.sqrt(399 / 400 * np.sum((leave_out - leave_out.mean()) ** 2))
    assert result.se == pytest.approx(jackknife, rel=0.01)


def test_a_ratio_needs_units() -> None:
    with pytest.raises(EmptyScores):
        ratio([0.0], denominator=[0.0])
    with pytest.raises(StatisticsError):
        ratio([1.0, 2.0], denominator=[1.0])
    with pytest.raises(StatisticsError):
        ratio([1.0], denominator=[-1.0])


def test_equal_units_make_a_ratio_a_mean() -> None:
    by_ratio, by_mean = estimate(ratio(SCORES, denominator=[1.0] * 10)), estimate(mean(SCORES))
    assert by_ratio.se == pytest.approx(by_mean.se)
