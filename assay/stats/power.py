"""What a number of questions can resolve, and how many a difference needs."""

import math
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from scipy import special
from scipy.optimize import brentq

from assay.errors import StatisticsError
from assay.stats.distributions import normal_quantile, t_quantile
from assay.stats.scores import Array

QUADRATURE = 256


class Design(NamedTuple):
    """What a comparison can find depends on: the standard error of its difference, and its freedom."""

    se: float
    df: float = math.inf


def minimum_effect(
    design: Design, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return the smallest true difference found with the power asked for (`mde`)."""
    return mde(design.se, df=design.df, alpha=alpha, power=power, sides=sides)


def mde(
    se: float, *, df: float = math.inf, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float | None:
    """Return (t(1-alpha/sides, df) + t(power, df)) se; None where the standard error is zero or df < 1."""
    if se <= 0 or df < 1:
        return None
    return (t_quantile(1 - alpha / sides, df=df) + t_quantile(power, df=df)) * se


def mde_paired(
    n: int, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2, exact: bool = False
) -> float | None:
    """Return the MDE of n paired differences, or of one sample, with standard deviation `sd`.

    By the t formula, or where `exact` by the non-central t distribution. None for n < 2.
    """
    if n < 2 or sd <= 0:
        return None
    find = exact_mde if exact else mde
    return find(sd / math.sqrt(n), df=n - 1, alpha=alpha, power=power, sides=sides)


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

    return float(brentq(short, 0.0, 1.5 * rough / se + 1, xtol=1e-13)) * se


def t_power(shift: float, *, df: float, critical: float, sides: int = 2) -> float:
    """Return the power of a t test whose statistic is shifted by `shift`: the non-central t's tails.

    T = (Z + shift)/S with S^2 a chi-squared over its df, so the tails are normal ones averaged over S; by
    quadrature, because scipy.special's non-central t is wrong in the fifth digit for large df.
    """
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
    method: Literal["t", "normal", "exact"] = "t",
) -> float | None:
    """Return the MDE of two independent samples, with Welch's degrees of freedom unless normal."""
    if n_a < 2 or n_b < 2:
        return None
    first, second = sd_a**2 / n_a, sd_b**2 / n_b
    if first + second == 0:
        return None
    df = (first + second) ** 2 / (first**2 / (n_a - 1) + second**2 / (n_b - 1))
    find = exact_mde if method == "exact" else mde
    se, freedom = math.sqrt(first + second), math.inf if method == "normal" else df
    return find(se, df=freedom, alpha=alpha, power=power)


def design_effect(icc: float, *, mean_cluster_size: float) -> float:
    """Return 1 + (m - 1) icc (Kish 1965)."""
    return 1 + (mean_cluster_size - 1) * icc


def mde_clustered(
    n: int, sd: float, *, icc: float, mean_cluster_size: float, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the MDE of n clustered questions for planning: (z + z) sd sqrt(deff/n)."""
    effect = design_effect(icc, mean_cluster_size=mean_cluster_size)
    return mde(sd * math.sqrt(effect / n), alpha=alpha, power=power)


def sampled_error(
    n: int, *, between: float, within_a: float, within_b: float, samples_a: int = 1, samples_b: int = 1
) -> float:
    """Return the error of a paired difference: sqrt((omega_d^2 + sigma_A^2/K_A + sigma_B^2/K_B)/n)."""
    return math.sqrt((between + within_a / samples_a + within_b / samples_b) / n)


def required_n(
    delta: float, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2, effect: float = 1.0,
    normal: bool = False,
) -> int:  # fmt: skip
    """Return how many questions resolve `delta`: ((z + z) sd/delta)^2 deff, refined by the non-central t."""
    if delta == 0 or sd <= 0:
        raise StatisticsError(
            "No number of questions resolves a difference of zero.", remedy="Give its size."
        )
    ratio = abs(delta) / (sd * math.sqrt(effect))
    z = normal_quantile(1 - alpha / sides) + normal_quantile(power)
    rough = (z / ratio) ** 2
    if normal:
        return math.ceil(rough)

    def enough(n: int) -> bool:
        critical = t_quantile(1 - alpha / sides, df=n - 1)
        return t_power(ratio * math.sqrt(n), df=n - 1, critical=critical, sides=sides) >= power

    return _least(enough, start=max(2, math.ceil(rough) - 2))


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
    """Return the fewest samples per question on both sides that resolve `delta`; None where none do."""
    for samples in range(1, most + 1):
        se = sampled_error(
            n, between=between, within_a=within, within_b=within, samples_a=samples, samples_b=samples
        )
        found = mde(se, df=n - 1, alpha=alpha, power=power)
        if found is None or found <= abs(delta):
            return samples
    return None


def _least(enough: Callable[[int], bool], *, start: int) -> int:
    n = start
    while not enough(n):
        n += 1
    while n > 2 and enough(n - 1):
        n -= 1
    return n
