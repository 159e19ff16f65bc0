"""What questions can resolve, against the non-central t distribution and enumeration."""

import math

import numpy as np
import pytest
from scipy import stats

from assay.errors import NotEnoughSamples, StatisticsError
from assay.stats import (
    Estimate,
    cuped,
    detectable,
    estimate,
    exact_mde,
    flips_effect,
    flips_power,
    flips_required,
    judge_errors,
    mde,
    mde_clustered,
    mde_paired,
    mde_unpaired,
    mean,
    power_weight,
    prediction_powered,
    proportion_effect,
    proportions_effect,
    proportions_power,
    proportions_required,
    required_n,
    required_samples,
    resolution_floor,
    sampled_error,
    t_power,
)


@pytest.mark.parametrize("df", [2, 4, 9, 30])
def test_the_power_of_a_t_test_is_that_of_the_noncentral_t(df: int) -> None:
    critical = stats.t.ppf(0.975, df)
    for shift in (0.5, 2.0, 3.0):
        reference = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
        assert t_power(shift, df=df, critical=critical) == pytest.approx(reference, rel=1e-5)


def test_the_mde_of_small_samples_is_close_and_never_zero() -> None:
    for n in (6, 10, 30):
        rough, exact = mde_paired(n, 0.5), mde_paired(n, 0.5, exact=True)
        assert rough == pytest.approx(exact, rel=0.01)
        by_z = mde(0.5 / math.sqrt(n))
        assert by_z is not None
        assert exact is not None
        assert by_z < exact
    assert mde_paired(1, 0.5) is None
    assert mde_paired(50, 0.0) is None
    assert mde(0.0, df=9) is None
    assert exact_mde(0.1, df=0.5) is None
    assert detectable(estimate(mean([1.0, 1.0, 1.0]))) == (None, "zero variance")


def test_the_mde_rests_on_the_error_alone() -> None:
    first, second = Estimate(0.9, 0.02, 99), Estimate(-0.1, 0.02, 99)
    assert detectable(first) == detectable(second)


def test_the_mde_is_what_the_required_number_resolves() -> None:
    n = required_n(0.03, 0.4)
    result, less = mde_paired(n, 0.4, exact=True), mde_paired(n - 1, 0.4, exact=True)
    assert result is not None
    assert less is not None
    assert result <= 0.03 < less
    assert required_n(0.03, 0.4, effect=2.0) == pytest.approx(2 * n, rel=0.01)
    with pytest.raises(StatisticsError):
        required_n(0.0, 0.4)


def test_clusters_and_two_samples() -> None:
    plain = mde_clustered(1000, 0.4, icc=0.0, mean_cluster_size=10)
    assert mde_clustered(1000, 0.4, icc=1.0, mean_cluster_size=10) == pytest.approx(plain * math.sqrt(10))  # type: ignore[operator]
    assert mde_unpaired(1, 50, sd_a=1, sd_b=1) is None
    assert mde_unpaired(50, 50, sd_a=0, sd_b=0) is None
    assert mde_unpaired(50, 50, sd_a=1, sd_b=1, method="normal") == pytest.approx(
        2.801585218 * math.sqrt(2 / 50)
    )


def test_more_samples_help_only_as_far_as_questions_do() -> None:
    few = sampled_error(100, between=0.04, within_a=0.2, within_b=0.2)
    many = sampled_error(100, between=0.04, within_a=0.2, within_b=0.2, samples_a=10**6, samples_b=10**6)
    assert few > many > math.sqrt(0.04 / 100) * 0.999
    target = mde(
        sampled_error(400, between=0.01, within_a=0.1, within_b=0.1, samples_a=4, samples_b=4), df=399
    )
    assert target is not None
    assert required_samples(target * 1.001, 400, between=0.01, within=0.1) == 4
    assert required_samples(0.001, 400, between=0.01, within=0.1, most=50) is None


def test_the_power_of_mcnemar_is_enumerated() -> None:
    n, win, loss = 12, 0.4, 0.1
    total = 0.0
    for w in range(n + 1):
        for lost in range(n - w + 1):
            chance = stats.multinomial.pmf([w, lost, n - w - lost], n, [win, loss, 1 - win - loss])
            total += chance * (w + lost > 0 and stats.binomtest(w, w + lost).pvalue <= 0.05)
    assert flips_power(n, win=win, loss=loss, test="exact") == pytest.approx(total)


@pytest.mark.parametrize(("psi", "delta"), [(0.2, 0.05), (0.1, 0.03), (0.4, 0.1)])
def test_connors_number_has_its_power(psi: float, delta: float) -> None:
    n = math.ceil(flips_required(delta, discordant=psi))
    power = flips_power(n, win=(psi + delta) / 2, loss=(psi - delta) / 2)
    assert 0.79 <= power <= 0.83
    assert flips_effect(n, discordant=psi) == pytest.approx(delta, rel=0.01)


def test_what_cannot_be_found_is_none() -> None:
    assert flips_effect(5, discordant=0.1) is None
    assert resolution_floor(4) is None
    assert resolution_floor(100) == pytest.approx(0.05)
    assert resolution_floor(100, test="exact") == pytest.approx(0.06)
    assert proportions_effect(3, p1=0.9) is None
    assert proportion_effect(3, p0=0.9) is None
    with pytest.raises(StatisticsError):
        flips_required(0.3, discordant=0.2)
    with pytest.raises(StatisticsError):
        proportions_required(p1=0.5, p2=0.5)


def test_two_proportions_invert_each_other() -> None:
    n = proportions_required(p1=0.5, p2=0.6, power=0.9)
    assert proportions_power(n, p1=0.5, p2=0.6) == pytest.approx(0.9)
    assert proportions_effect(1000, p1=0.5, power=0.8) is not None
    result = proportion_effect(1000, p0=0.5)
    assert result is not None
    z = 1.959963984540054 * 0.5 + 0.8416212335729143 * math.sqrt((0.5 + result) * (0.5 - result))
    assert result == pytest.approx(z / math.sqrt(1000))


def test_ppi_with_weight_zero_is_the_labels() -> None:
    y, f, others = [1, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0, 1]
    result = prediction_powered(y, judged=f, judged_others=others, weight=0.0)
    assert (result.value, result.se) == (pytest.approx(0.75), pytest.approx(stats.sem(y)))
    classic = prediction_powered(y, judged=f, judged_others=others, weight=1.0)
    assert classic.value == pytest.approx(np.mean(others) + np.mean(np.subtract(y, f)))
    assert any("fewer than 30 labels" in note for note in classic.notes)


def test_the_weight_of_ppi_is_near_the_least_variance() -> None:
    generator = np.random.default_rng(3)
    truth = generator.normal(size=2200)
    f = truth + generator.normal(0, 0.5, 2200)
    y = truth[:200]
    best = power_weight(y, f[:200], f[200:])
    errors = {
        lam: prediction_powered(y, judged=f[:200], judged_others=f[200:], weight=lam).se
        for lam in (best - 0.15, best, best + 0.15)
    }
    assert min(errors, key=lambda lam: errors[lam] or 9) == best
    assert power_weight(np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0


def test_cuped_of_the_same_numbers_knows_the_mean() -> None:
    result = cuped([0.0, 1.0, 1.0, 0.0], before=[0.0, 1.0, 1.0, 0.0], before_mean=0.6)
    assert result.value == pytest.approx(0.6)
    flat = cuped([0.0, 1.0, 1.0, 0.0], before=[1.0, 1.0, 1.0, 1.0], before_mean=0.6)
    assert (flat.value, flat.df) == (0.5, 3)
    with pytest.raises(NotEnoughSamples):
        cuped([1.0, 0.0], before=[1.0, 0.0], before_mean=0.5)
    with pytest.raises(NotEnoughSamples):
        prediction_powered([1], judged=[1], judged_others=[1, 0])
    with pytest.raises(StatisticsError):
        prediction_powered([1, 0], judged=[1], judged_others=[1, 0])


def test_a_judges_errors_are_counted() -> None:
    result = judge_errors([1, 1, 0, 0, 1], judged=[1, 0, 1, 0, 1])
    assert (result.both_right, result.judge_only, result.label_only, result.both_wrong) == (2, 1, 1, 1)
    assert (result.sensitivity, result.specificity) == (pytest.approx(2 / 3), 0.5)
    assert judge_errors([1, 1], judged=[1, 1]).specificity is None
