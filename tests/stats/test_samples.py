"""Several samples of a question, pass@k, and the defects of tools that pool them."""

import math
from itertools import combinations, product

import numpy as np
import pytest

from assay.errors import EmptyScores, NotEnoughSamples, ScoreOutOfRange, StatisticsError
from assay.stats import (
    doubling_gain,
    estimate,
    mean,
    pass_at_k,
    pass_at_k_variance,
    pass_hat_k,
    pass_hat_k_variance,
    pooled_mean,
    predicted_error,
    question_means,
    same_questions,
    same_questions_error,
    sampled_score,
    variance_parts,
)

RECTANGLE = [[1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0], [1, 1, 1, 0]]


def test_samples_are_never_pooled_as_questions() -> None:
    by_question = sampled_score(RECTANGLE).new_questions.se
    pooled = estimate(mean(np.ravel(RECTANGLE))).se
    assert by_question == pytest.approx(np.std(np.mean(RECTANGLE, axis=1), ddof=1) / math.sqrt(5))
    assert pooled is not None
    assert by_question is not None
    assert pooled < 0.75 * by_question


def test_clustering_rows_by_question_gives_the_same_for_equal_numbers() -> None:
    rows = estimate(mean(np.ravel(RECTANGLE)), cluster=np.repeat(range(5), 4), correction="CR1")
    assert rows.se == pytest.approx(sampled_score(RECTANGLE).new_questions.se)


def test_the_variance_falls_apart_into_within_and_between() -> None:
    parts = variance_parts(RECTANGLE)
    within = np.mean(np.var(RECTANGLE, axis=1, ddof=1))
    assert parts.within == pytest.approx(within)
    assert parts.between == pytest.approx(np.var(np.mean(RECTANGLE, axis=1), ddof=1) - within / 4)
    assert predicted_error(parts, samples=4) == pytest.approx(sampled_score(RECTANGLE).new_questions.se)
    halved = predicted_error(parts, samples=8)
    assert halved is not None
    gain = 1 - halved**2 / predicted_error(parts, samples=4) ** 2  # type: ignore[operator]
    assert doubling_gain(parts) == pytest.approx(gain)


def test_the_same_questions_vary_by_their_samples_alone() -> None:
    parts = variance_parts(RECTANGLE)
    assert parts.within is not None
    assert same_questions(RECTANGLE).se == pytest.approx(math.sqrt(parts.within / 20))


def test_one_sample_leaves_the_parts_undefined() -> None:
    result = sampled_score([[1], [0], [1]])
    assert (result.parts.within, result.parts.between, result.parts.undefined) == (None, None, "K=1")
    assert result.same_questions.se is None
    assert doubling_gain(result.parts) is None
    assert predicted_error(result.parts, samples=2) is None
    assert result.new_questions.method == "wilson"


def test_binary_samples_have_variance() -> None:
    parts = variance_parts([[1, 0], [0, 1], [1, 0]])
    assert parts.within == pytest.approx(0.5)
    assert parts.between == 0


def test_ragged_samples_weigh_questions_alike() -> None:
    ragged = [[1, 1, 1, 1, 1, 1], [0], [0, 1]]
    assert question_means(ragged).tolist() == [1.0, 0.0, 0.5]
    assert sampled_score(ragged).new_questions.value == pytest.approx(0.5)
    assert pooled_mean(ragged).value == pytest.approx(7 / 9)


def test_no_samples_are_an_error() -> None:
    with pytest.raises(EmptyScores):
        question_means([])
    with pytest.raises(StatisticsError, match="#1"):
        question_means([[1], []])


def by_hand(samples: tuple[int, ...], k: int) -> tuple[float, float]:
    """The shares of choices of k samples of which one, and all, pass."""
    chosen = list(combinations(samples, k))
    return sum(map(any, chosen)) / len(chosen), sum(map(all, chosen)) / len(chosen)


@pytest.mark.parametrize("n", [3, 5])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_passing_is_the_share_of_choices(n: int, k: int) -> None:
    for c in range(n + 1):
        any_passes, all_pass = by_hand((1,) * c + (0,) * (n - c), k)
        assert pass_at_k([c], n=n, k=k)[0] == pytest.approx(any_passes)
        assert pass_hat_k([c], n=n, k=k)[0] == pytest.approx(all_pass)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_variance_of_passing_is_unbiased(p: float) -> None:
    n, k = 6, 2
    outcomes = [sum(draw) for draw in product((0, 1), repeat=n)]
    chance = np.array([p**c * (1 - p) ** (n - c) for c in outcomes])
    for value, variance in ((pass_at_k, pass_at_k_variance), (pass_hat_k, pass_hat_k_variance)):
        values = value(outcomes, n=n, k=k)
        true = chance @ values**2 - (chance @ values) ** 2
        assert chance @ variance(outcomes, n=n, k=k) == pytest.approx(true)


def test_fewer_samples_than_k_are_an_error_naming_questions() -> None:
    with pytest.raises(NotEnoughSamples, match="q2"):
        pass_at_k([1, 1], n=[5, 2], k=3, ids=["q1", "q2"])
    with pytest.raises(NotEnoughSamples):
        pass_at_k_variance([1], n=3, k=2)
    with pytest.raises(ScoreOutOfRange):
        pass_at_k([4], n=3, k=1)
    with pytest.raises(EmptyScores):
        pass_at_k([], n=3, k=1)


def test_negative_variances_are_added_before_they_are_clipped() -> None:
    assert same_questions_error(np.array([-0.1, 0.26])) == pytest.approx(0.2)
    assert same_questions_error(np.array([-0.1, 0.05])) == 0
    with pytest.raises(EmptyScores):
        same_questions_error(np.array([]))
