"""Two systems on the same questions, from the smallest counts on."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from assay.errors import EmptyScores, StatisticsError
from assay.stats import (
    Discordance,
    bonett_price,
    chance_better,
    equivalence,
    equivalence_binary,
    estimate,
    fewest_flips,
    largest_discordance,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_midp_worse,
    mcnemar_score,
    mean,
    newcombe,
    non_inferiority_p,
    paired,
    paired_bootstrap,
    probability_better,
    sign_flip,
    tango,
    tango_z,
    verdict,
    within_margin,
)
from assay.stats.bootstrap import cluster_means

DIFFERENCES = [0.1, -0.05, 0.2, 0.15, -0.1, 0.3, 0.05]


def flips(wins: int, losses: int, ties: int) -> tuple[list[int], list[int]]:
    return [0] * wins + [1] * losses + [1] * ties, [1] * wins + [0] * losses + [1] * ties


@pytest.mark.parametrize(("wins", "p"), [(1, 0.5), (2, 0.25), (5, 2**-5), (6, 2**-6)])
def test_few_flips_never_give_zero(wins: int, p: float) -> None:
    """A Wald test of the differences says p = 0 at 1-0, 5-0 and 6-0 where nothing else varies."""
    result = paired(*flips(wins, 0, 0))
    assert result.p == pytest.approx(p)
    assert result.p_second == pytest.approx(min(1.0, 2 * p))
    assert 0.5 < result.p_better < 1  # type: ignore[operator]


def test_exact_p_is_scipys_and_mid_p_leaves_half_of_what_was_seen() -> None:
    for wins, losses in itertools.product(range(9), repeat=2):
        if wins + losses:
            exact = stats.binomtest(wins, wins + losses).pvalue
            seen = stats.binom.pmf(wins, wins + losses, 0.5)
            assert mcnemar_exact(wins, losses) == pytest.approx(exact)
            mid = 1 - seen / 2 if wins == losses else exact - seen
            assert mcnemar_midp(wins, losses) == pytest.approx(mid)
            worse = stats.binom.cdf(wins, wins + losses, 0.5) - seen / 2
            assert mcnemar_midp_worse(wins, losses) == pytest.approx(worse)


def test_ties_only_say_nothing_but_bound_what_could_be() -> None:
    result = paired(*flips(0, 0, 20))
    assert (result.p, result.p_second, result.mde, result.undefined) == (1.0, 1.0, None, "zero variance")
    assert not result.estimate.informative
    assert result.estimate.low == pytest.approx(-0.16112515805281935)
    assert result.estimate.high == pytest.approx(0.16112515805281935)
    assert result.floor == pytest.approx(5 / 20)
    assert mcnemar_score(0, 0) is None
    assert probability_better(0, 0) == 0.5
    assert largest_discordance(20) == pytest.approx(1 - 0.05 ** (1 / 20))
    assert chance_better(result) == 0.5


def test_mid_p_keeps_its_size_and_a_wald_test_of_the_flips_does_not() -> None:
    """Exact enumeration at n = 50 and 5 % flips: the Wald test of the share of wins errs in 42 %."""
    n, psi = 50, 0.05
    wrong = {"mid-p": 0.0, "wald": 0.0}
    for m in range(1, n + 1):
        for w in range(m + 1):
            chance = stats.binom.pmf(m, n, psi) * stats.binom.pmf(w, m, 0.5)
            share = w / m
            se = math.sqrt(share * (1 - share) / max(1, m - 1))
            wald = 2 * stats.norm.sf(abs(share - 0.5) / se) if se else 0.0
            wrong["mid-p"] += chance * (mcnemar_midp(w, m - w) <= 0.05)
            wrong["wald"] += chance * (wald <= 0.05)
    assert wrong["mid-p"] < 0.05
    assert wrong["wald"] == pytest.approx(0.416, abs=0.02)


def test_sign_flip_looks_at_every_pattern() -> None:
    totals = [
        sum(s * d for s, d in zip(signs, DIFFERENCES, strict=True))
        for signs in itertools.product((1, -1), repeat=len(DIFFERENCES))
    ]
    seen = sum(DIFFERENCES)
    result = sign_flip(DIFFERENCES)
    assert result.p == pytest.approx(np.mean(np.abs(totals) >= seen - 1e-12))
    assert result.p_greater == pytest.approx(np.mean(np.array(totals) >= seen - 1e-12))
    assert (result.patterns, result.exact, result.seed) == (2 ** len(DIFFERENCES), True, None)


def test_many_sign_patterns_are_drawn_with_a_seed_and_never_give_zero() -> None:
    values = np.random.default_rng(3).normal(2, 1, 200)
    result = sign_flip(values, seed=4)
    assert result.p == pytest.approx(1 / (result.patterns + 1))
    assert result == sign_flip(values, seed=4)


def test_a_constant_shift_has_no_t_test_but_a_sign_flip() -> None:
    result = paired(np.zeros(12), np.full(12, 0.1))
    assert (result.p, result.mde, result.undefined) == (None, None, "zero variance")
    assert result.p_second == pytest.approx(2 / 2**12)
    assert verdict(result, margin=0.01) == "improved"


def test_one_question_is_not_compared() -> None:
    result = paired([0.2], [0.7])
    assert (result.estimate.se, result.p, result.undefined) == (None, None, "n<2")
    assert verdict(result, margin=0.01) == "unresolved"


def test_one_cluster_is_not_compared() -> None:
    result = paired([0, 0, 1], [1, 0, 1], cluster=["a"] * 3)
    assert (result.estimate.se, result.p, result.mde, result.undefined) == (None, None, None, "G<2")


def test_paired_t_is_scipys() -> None:
    generator = np.random.default_rng(5)
    a = generator.normal(0, 1, 40)
    b = a + generator.normal(0.2, 0.5, 40)
    result = paired(a, b)
    assert result.p == pytest.approx(stats.ttest_rel(b, a).pvalue)
    assert result.correlation == pytest.approx(np.corrcoef(a, b)[0, 1])
    apart = math.hypot(stats.sem(a), stats.sem(b))
    assert result.gain == pytest.approx(apart / stats.sem(b - a))
    assert chance_better(result) == pytest.approx(1 - result.p / 2)


def test_lower_is_better_turns_the_sign() -> None:
    assert paired([1.0, 2.0, 3.0], [0.5, 1.0, 3.0], lower_is_better=True).delta == pytest.approx(0.5)


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(StatisticsError):
        paired([1, 0], [1])
    with pytest.raises(EmptyScores):
        paired([], [])


def test_tango_inverts_its_score_statistic() -> None:
    counts = Discordance(10, 4, 36)
    result = tango(counts)
    assert tango_z(result.low, counts) == pytest.approx(1.959963984540054)
    assert tango_z(result.high, counts) == pytest.approx(-1.959963984540054)
    with pytest.raises(EmptyScores):
        tango(Discordance(0, 0, 0))


def test_tango_stays_inside_and_is_finite_at_the_ends() -> None:
    for counts in (Discordance(7, 0, 0), Discordance(0, 7, 0), Discordance(0, 0, 7), Discordance(3, 4, 0)):
        low, high = tango(counts)
        assert -1 <= low <= counts.delta <= high <= 1


def test_tango_agrees_with_the_null_variance_found_by_search() -> None:
    """The restricted likelihood at D, searched by brute force instead of the root of a quadratic."""
    w, lost, n, delta = 8, 3, 40, 0.1
    q = np.linspace(1e-6, (1 - delta) / 2 - 1e-6, 400_001)
    likelihood = w * np.log(q + delta) + lost * np.log(q) + (n - w - lost) * np.log(1 - 2 * q - delta)
    best = q[int(np.argmax(likelihood))]
    z = (w - lost - n * delta) / math.sqrt(n * (2 * best + delta - delta**2))
    assert tango_z(delta, Discordance(w, lost, n - w - lost)) == pytest.approx(z, rel=1e-4)


def test_newcombe_does_not_mind_which_ties_are_right_when_all_are_alike() -> None:
    counts = Discordance(5, 2, 33)
    assert newcombe(counts, both_right=33) == pytest.approx(newcombe(counts, both_right=0))
    low, high = newcombe(counts, both_right=20)
    mirrored = newcombe(Discordance(2, 5, 33), both_right=20)
    assert (low, high) == (pytest.approx(-mirrored.high), pytest.approx(-mirrored.low))


def test_bonett_and_price_add_a_win_and_a_loss() -> None:
    result, _, interval = bonett_price(Discordance(5, 0, 20))
    assert result == pytest.approx(5 / 27)
    assert interval.low < result < interval.high


def test_the_floor_is_what_the_test_needs() -> None:
    for alpha in (0.05, 0.01):
        needed = fewest_flips(alpha)
        assert mcnemar_midp(needed, 0) <= alpha < mcnemar_midp(needed - 1, 0)
    with pytest.raises(StatisticsError):
        fewest_flips(0.0)


def test_equivalence_is_two_one_sided_tests() -> None:
    values, margin = np.array([0.01, -0.02, 0.0, 0.02, 0.01, -0.01]), 0.03
    result = equivalence(values, margin=margin)
    lower = stats.ttest_1samp(values, -margin, alternative="greater").pvalue
    upper = stats.ttest_1samp(values, margin, alternative="less").pvalue
    assert (result.p_lower, result.p_upper) == (pytest.approx(lower), pytest.approx(upper))
    assert result.equivalent
    with pytest.raises(StatisticsError):
        equivalence(values, margin=0.0)


def test_equivalence_of_flips_is_read_off_tangos_interval() -> None:
    counts = Discordance(3, 4, 993)
    result = equivalence_binary(counts, margin=0.01)
    assert result.equivalent
    assert result.p is not None
    assert result.p <= 0.05
    assert non_inferiority_p(counts, margin=0.01) == pytest.approx(result.p_lower)
    assert not equivalence_binary(counts, margin=0.004).equivalent


def test_ties_only_are_equivalent_once_there_are_enough() -> None:
    assert within_margin(paired(*flips(0, 0, 20)), margin=0.01).equivalent is False
    assert verdict(paired(*flips(0, 0, 20)), margin=0.01) == "unresolved"
    assert verdict(paired(*flips(0, 0, 400)), margin=0.01) == "equivalent"


def test_what_does_not_vary_is_not_equivalent_by_t() -> None:
    result = equivalence([0.0] * 5, margin=0.1)
    assert (result.p, result.low, result.equivalent, result.non_inferior) == (None, None, False, False)


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ((30, 8, 100), "improved"),
        ((8, 30, 100), "regressed"),
        ((9, 8, 100), "unresolved"),
        ((2, 3, 2000), "equivalent"),
    ],
)
def test_four_words(counts: tuple[int, int, int], word: str) -> None:
    assert verdict(paired(*flips(*counts)), margin=0.01) == word


def test_dropped_questions_leave_it_unresolved() -> None:
    assert verdict(paired(*flips(30, 8, 100)), margin=0.01, dropped=0.06) == "unresolved"
    assert verdict(paired(*flips(30, 8, 100)), margin=0.01, dropped=0.04) == "improved"


def test_the_bootstrap_of_a_median_has_the_error_of_a_median() -> None:
    """A tool that divides by sqrt(resamples) once more says 0.003 here."""
    values = np.random.default_rng(7).normal(size=200)
    result = paired_bootstrap(
        np.zeros(200),
        values,
        statistic=lambda rows: float(np.median(rows)),
        kind="percentile",
        resamples=2000,
    )
    assert result.se == pytest.approx(math.sqrt(math.pi / 2 / 200), rel=0.4)


def test_the_cluster_bootstrap_draws_whole_clusters() -> None:
    generator = np.random.default_rng(8)
    cluster = np.repeat(np.arange(60), 5)
    values = np.repeat(generator.normal(size=60), 5) + generator.normal(0, 0.1, 300)
    result = paired_bootstrap(np.zeros(300), values, cluster=cluster, resamples=4000)
    by_formula = estimate(mean(values), cluster=cluster, correction="CR1")
    assert result.se == pytest.approx(by_formula.se, rel=0.05)
    drawn = cluster_means(values, codes=cluster, resamples=2000, generator=np.random.default_rng(9))
    assert np.std(drawn, ddof=1) == pytest.approx(result.se, rel=0.1)


def test_the_bootstrap_of_other_statistics_over_clusters() -> None:
    rows = np.random.default_rng(10).normal(size=(40, 2))
    cluster = np.repeat(np.arange(10), 4)
    result = paired_bootstrap(
        rows,
        rows + 0.3,
        statistic=lambda drawn: float(drawn.sum() / len(drawn)),
        cluster=cluster,
        resamples=200,
    )
    assert result.value == pytest.approx(0.6)
    assert result.undefined == "zero variance"


def test_the_bootstrap_of_what_does_not_vary_is_not_defined() -> None:
    result = paired_bootstrap(np.zeros(12), np.full(12, 0.1))
    assert (result.low, result.undefined) == (None, "zero variance")
    assert paired_bootstrap([0.0], [1.0]).undefined == "n<2"
    assert paired_bootstrap([0.0, 1.0], [1.0, 1.0], cluster=["a", "a"]).undefined == "G<2"
    with pytest.raises(StatisticsError):
        paired_bootstrap([0.0], [1.0, 2.0])
    with pytest.raises(EmptyScores):
        paired_bootstrap([], [])
