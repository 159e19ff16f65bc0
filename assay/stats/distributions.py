"""Quantiles and tail probabilities by `scipy.special`; `scipy.stats` takes a second to import."""

import math

from scipy import special

from assay.stats.domain import fraction


def normal_quantile(probability: float) -> float:
    """Return the standard normal value that `probability` of the mass lies below."""
    return float(special.ndtri(probability))


def normal_tail(z: float) -> float:
    """Return the probability that a standard normal value exceeds `z`."""
    return float(special.ndtr(-z))


def interval_quantile(level: float, *, df: float = math.inf) -> float:
    """Return how many standard errors an interval of this level reaches to each side."""
    return t_quantile((1 + fraction(level, name="level")) / 2, df=df)


def t_quantile(probability: float, *, df: float) -> float:
    """Return the Student t value that `probability` of the mass lies below; infinite `df` is the normal."""
    return normal_quantile(probability) if math.isinf(df) else float(special.stdtrit(df, probability))


def t_tail(t: float, *, df: float) -> float:
    """Return the probability that a Student t value exceeds `t`; infinite `df` is the normal."""
    return normal_tail(t) if math.isinf(df) else float(special.stdtr(df, -t))


def binomial_cdf(count: int, *, n: int, p: float = 0.5) -> float:
    """Return the probability of at most `count` successes in `n` trials."""
    if count < 0:
        return 0.0
    return 1.0 if count >= n else float(special.betainc(n - count, count + 1, 1 - p))


def binomial_pmf(count: int, *, n: int, p: float = 0.5) -> float:
    """Return the probability of exactly `count` successes in `n` trials, for `p` inside (0, 1)."""
    log_choose = -math.log(n + 1) - float(special.betaln(n - count + 1, count + 1))
    return math.exp(log_choose + count * math.log(p) + (n - count) * math.log1p(-p))


def beta_quantile(probability: float, *, a: float, b: float) -> float:
    """Return the value below which `probability` of a Beta(a, b) lies."""
    return float(special.betaincinv(a, b, probability))
