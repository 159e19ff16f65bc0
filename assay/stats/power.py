"""What a number of questions can detect, and how many a difference needs."""

import math
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from scipy import special
from scipy.optimize import brentq

from assay.errors import StatisticsError
from assay.stats.distributions import normal_quantile, t_quantile
from assay.stats.domain import (
    LARGEST,
    LARGEST_COUNT,
    choice,
    count,
    fraction,
    freedom,
    non_negative,
    number,
    positive,
    share,
    sides_of,
)
from assay.stats.estimates import ONE_CLUSTER, TOO_FEW_QUESTIONS, ZERO_VARIANCE, Estimate
from assay.stats.scores import Array

QUADRATURE = 256
"""Points of the quadrature, which give twelve digits."""
ENOUGH_FOR_NORMAL = 1e9
"""Questions above which t and normal theory need the same number, to nine digits."""
UnpairedMethod: TypeAlias = Literal["t", "normal", "exact"]


class DetectableEffect(NamedTuple):
    """A minimum detectable effect, or the reason why there is none."""

    value: float | None
    undefined: str | None = None


def detectable(
    estimate_: Estimate,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    largest: float | None = None,
) -> DetectableEffect:
    """Return the minimum detectable effect of an estimate, (t(1-alpha/sides, df) + t(power, df)) se.

    Bloom (1995). It uses the standard error alone, never the value that was found (no post-hoc power).
    Undefined where that is zero or undefined, and where the effect exceeds `largest`, the largest difference
    there can be: so few questions detect nothing.
    """
    if largest is not None:
        positive(largest, name="largest")
    if estimate_.se is None or estimate_.df is None:
        return DetectableEffect(None, estimate_.undefined or _few(estimate_))
    if not estimate_.informative:
        return DetectableEffect(None, ZERO_VARIANCE)
    value = mde(estimate_.se, df=estimate_.df, alpha=alpha, power=power, sides=sides)
    if value is None:
        return DetectableEffect(None, "fewer than one degree of freedom")
    if largest is not None and value > largest:
        return DetectableEffect(
            None, f"too few questions: the detectable effect exceeds {largest:g}, the largest there can be"
        )
    return DetectableEffect(value)


def mde(
    se: float, *, df: float = math.inf, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return (t(1-alpha/sides, df) + t(power, df)) se (Bloom 1995); None where se is zero or df < 1."""
    critical, strength = _tails(alpha=alpha, power=power, sides=sides)
    if non_negative(se, name="se") == 0 or freedom(df) < 1:
        return None
    value = (t_quantile(critical, df=df) + t_quantile(strength, df=df)) * se
    return value if 0 < value <= LARGEST else None


def mde_paired(
    n: int, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2, exact: bool = False
) -> float | None:
    """Return the MDE of n paired differences, or of one sample, with standard deviation `sd`.

    By the t formula (Bloom 1995), or where `exact` by the non-central t distribution. None for n < 2, and
    where nothing varies.
    """
    size, spread = count(n, name="n"), non_negative(sd, name="sd")
    if size < 2 or spread == 0:
        _tails(alpha=alpha, power=power, sides=sides)
        return None
    solve = exact_mde if exact else mde
    return solve(spread / math.sqrt(size), df=size - 1, alpha=alpha, power=power, sides=sides)


def exact_mde(
    se: float, *, df: float = math.inf, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the difference found with this power by the non-central t distribution; None as `mde`."""
    rough = mde(se, df=df, alpha=alpha, power=power, sides=sides)
    if rough is None or math.isinf(df):
        return rough
    critical = t_quantile(1 - alpha / sides, df=df)

    def short(shift: float) -> float:
        return t_power(shift, df=df, critical=critical, sides=sides) - power

    if short(0.0) >= 0:
        return None
    return float(brentq(short, 0.0, 1.5 * rough / se + 1, xtol=1e-13)) * se


def t_power(shift: float, *, df: float, critical: float, sides: int = 2) -> float:
    """Return the power of a t test whose statistic is shifted by `shift`: the non-central t's tails.

    T = (Z + shift)/S (Student 1908) with S^2 a chi-squared over its df, so the tails are normal ones averaged
    over S; by quadrature, because scipy.special's non-central t is wrong in the fifth digit for large df.
    """
    number(shift, name="shift")
    number(critical, name="critical")
    sides_of(sides)
    if math.isinf(freedom(df)):
        spread = np.ones(1)
        weights = np.full(1, 2.0)
    else:
        points, weights = _quadrature()
        spread = np.sqrt(special.chdtri(df, (1 - points) / 2) / df)
    tails = special.ndtr(shift - critical * spread)
    if sides == 2:
        tails = tails + special.ndtr(-shift - critical * spread)
    return float(weights @ tails) / 2


@cache
def _quadrature() -> tuple[Array, Array]:
    points, weights = np.polynomial.legendre.leggauss(QUADRATURE)
    return points, weights


def mde_unpaired(
    n_a: int,
    n_b: int,
    *,
    sd_a: float,
    sd_b: float,
    alpha: float = 0.05,
    power: float = 0.8,
    method: UnpairedMethod = "t",
) -> float | None:
    """Return the MDE of two independent samples, with Welch's degrees of freedom (1947) unless normal.

    None where a side has fewer than two, and where nothing varies.
    """
    choice(method, name="method", among=("t", "normal", "exact"))
    sizes = [count(n, name="n") for n in (n_a, n_b)]
    spreads = [non_negative(sd, name="sd") for sd in (sd_a, sd_b)]
    if min(sizes) < 2 or max(spreads) == 0:
        _tails(alpha=alpha, power=power, sides=2)
        return None
    largest = max(spreads)
    first, second = ((sd / largest) ** 2 / n for sd, n in zip(spreads, sizes, strict=True))
    df = (first + second) ** 2 / (first**2 / (sizes[0] - 1) + second**2 / (sizes[1] - 1))
    solve = exact_mde if method == "exact" else mde
    se = math.sqrt(first + second) * largest
    return solve(se, df=math.inf if method == "normal" else df, alpha=alpha, power=power)


def mde_clustered(
    n: int, sd: float, *, icc: float, mean_cluster_size: float, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the MDE of n clustered questions for planning: (z + z) sd sqrt(deff/n).

    deff = 1 + (m - 1) icc (Kish 1965). None where nothing varies.
    """
    size, effect = (
        count(n, name="n", least=1),
        planned_design_effect(icc, mean_cluster_size=mean_cluster_size),
    )
    return mde(non_negative(sd, name="sd") * math.sqrt(effect / size), alpha=alpha, power=power)


def planned_design_effect(icc: float, *, mean_cluster_size: float) -> float:
    """Return 1 + (m - 1) icc, the variance of clusters of m over that without clusters (Kish 1965)."""
    if positive(mean_cluster_size, name="mean_cluster_size") < 1:
        raise StatisticsError("A cluster holds one question or more.", remedy="Give its mean size.")
    return 1 + (mean_cluster_size - 1) * share(icc, name="icc")


def sampled_error(
    n: int, *, between: float, within_a: float, within_b: float, samples_a: int = 1, samples_b: int = 1
) -> float:
    """Return the error of a paired difference: sqrt((omega_d^2 + sigma_A^2/K_A + sigma_B^2/K_B)/n).

    omega_d^2 is the variance of the true differences, sigma^2 that of samples of a question (Miller 2024).
    """
    variance = non_negative(between, name="between")
    for within, samples in ((within_a, samples_a), (within_b, samples_b)):
        variance += non_negative(within, name="within") / count(samples, name="samples", least=1)
    return math.sqrt(variance / count(n, name="n", least=1))


def required_n(
    delta: float, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2, effect: float = 1.0,
    normal: bool = False,
) -> int:  # fmt: skip
    """Return how many questions resolve `delta`: ((z + z) sd/delta)^2 deff (Card et al. 2020).

    Refined by the non-central t distribution unless `normal`.
    """
    _tails(alpha=alpha, power=power, sides=sides)
    if number(delta, name="delta") == 0 or non_negative(sd, name="sd") == 0:
        raise StatisticsError(
            "No number of questions resolves a difference of zero.", remedy="Give its size."
        )
    ratio = abs(delta) / (sd * math.sqrt(positive(effect, name="effect")))
    z = max(0.0, normal_quantile(1 - alpha / sides) + normal_quantile(power))
    if ratio == 0 or z / ratio > math.sqrt(LARGEST_COUNT):
        raise StatisticsError(
            f"A difference of {delta:g} needs more questions than can be counted.",
            remedy="Give a larger one.",
        )
    rough = (z / ratio) ** 2
    if normal or rough > ENOUGH_FOR_NORMAL:
        return max(1, math.ceil(rough))

    def enough(n: int) -> bool:
        critical = t_quantile(1 - alpha / sides, df=n - 1)
        return t_power(ratio * math.sqrt(n), df=n - 1, critical=critical, sides=sides) >= power

    return _least(enough, start=math.ceil(rough) + 4)


def required_samples(
    delta: float,
    n: int,
    *,
    between: float,
    within: float,
    alpha: float = 0.05,
    power: float = 0.8,
    most: int = 1024,
) -> int | None:
    """Return the fewest samples per question on both sides that resolve `delta`; None where none do.

    By `sampled_error` (Miller 2024).
    """
    number(delta, name="delta")
    count(most, name="most", least=1, most=1_000_000)
    _tails(alpha=alpha, power=power, sides=2)

    def resolved(within: float, samples: int) -> bool:
        se = sampled_error(
            n, between=between, within_a=within, within_b=within, samples_a=samples, samples_b=samples
        )
        effect = mde(se, df=n - 1, alpha=alpha, power=power) if se else 0.0
        return effect is not None and effect <= abs(delta)

    if count(n, name="n") < 2 or not resolved(0.0, 1):
        return None
    return next((samples for samples in range(1, most + 1) if resolved(within, samples)), None)


def _least(enough: Callable[[int], bool], *, start: int) -> int:
    """Return the smallest number from 2 on that is enough, near `start`; what is enough stays so."""
    if enough(2):
        return 2
    low, high = 2, max(3, start)
    while not enough(high):
        low, high = high, 2 * high
    near = max(low, high - 8)
    low = near if not enough(near) else low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _tails(*, alpha: float, power: float, sides: int) -> tuple[float, float]:
    """Return the probabilities of both quantiles after checking them."""
    return 1 - fraction(alpha, name="alpha") / sides_of(sides), fraction(power, name="power")


def _few(estimate_: Estimate) -> str:
    return ONE_CLUSTER if estimate_.n_clusters == 1 else TOO_FEW_QUESTIONS
