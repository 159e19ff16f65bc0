"""Over the checkpoints of a training run, and over its seeds: how much of a change is noise of training."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.stats.distributions import t_tail
from assay.stats.domain import count, freedom, non_negative, number
from assay.stats.scores import finite_scores

LAST = 5
"""Checkpoints at the end of a run that its scatter is computed from."""


@dataclass(frozen=True)
class RecipeDifference:
    """A difference as a claim about two recipes, not only about two files of weights."""

    delta: float
    se: float | None
    """sqrt(SE_paired^2 + s_A^2 + s_B^2)."""
    z: float | None
    """delta/se."""
    p: float | None
    df: float | None = None
    """Degrees of freedom of `se`; infinite for normal theory."""
    undefined: str | None = None


@dataclass(frozen=True)
class SignalToNoise:
    """How far apart models are, over how much one run scatters (Heineman et al. 2025)."""

    signal: float | None
    """(max - min)/mean over models."""
    noise: float | None
    """sd/mean over the last checkpoints of one run, n - 1 in the denominator."""
    noise_ddof0: float | None
    """The same with n in the denominator, as the authors' code has it."""
    ratio: float | None
    ratio_ddof0: float | None
    undefined: str | None = None


def recipe_difference(
    delta: float,
    *,
    paired_se: float,
    checkpoint_sd_a: float,
    checkpoint_sd_b: float,
    paired_df: float = math.inf,
    df_a: float = math.inf,
    df_b: float = math.inf,
) -> RecipeDifference:
    """Add the noise of both trainings to a paired difference, as variances of independent sources.

    SE^2 = SE_paired^2 + s_A^2 + s_B^2, tested by Student's t with Welch's degrees of freedom (1947),
    (sum v)^2/sum(v^2/df); by z where all are known exactly. s is the standard deviation over
    trainings that differ in their seed alone, with one degree of freedom fewer than seeds. Checkpoints of
    one run are no substitute: they share their seed and follow each other, so their scatter is smaller.
    """
    number(delta, name="delta")
    errors = {
        "paired_se": (paired_se, paired_df),
        "checkpoint_sd_a": (checkpoint_sd_a, df_a),
        "checkpoint_sd_b": (checkpoint_sd_b, df_b),
    }
    largest = max(non_negative(error, name=name) for name, (error, _) in errors.items())
    freedoms = [freedom(df) for _, df in errors.values()]
    if largest == 0:
        return RecipeDifference(delta, None, None, None, undefined="zero variance")
    parts = [(error / largest) ** 2 for error, _ in errors.values()]
    se = math.sqrt(sum(parts)) * largest
    spread = sum(part**2 / df for part, df in zip(parts, freedoms, strict=True))
    df = sum(parts) ** 2 / spread if spread > 0 else math.inf
    t = delta / se if abs(delta) < 1e300 * se else math.copysign(math.inf, delta)
    return RecipeDifference(delta, se, t, 2 * t_tail(abs(t), df=df), df)


def signal_to_noise(models: ArrayLike, *, checkpoints: ArrayLike) -> SignalToNoise:
    """Relate the spread of final models, (max - min)/mean, to the sd/mean of one run's last checkpoints.

    Heineman et al. (2025). Undefined for fewer than two of either, a mean of zero, and no scatter.
    """
    finals, last = finite_scores(models), finite_scores(checkpoints)
    if len(last) < 2 or len(finals) < 2:
        return SignalToNoise(None, None, None, None, None, "n<2")
    middles = abs(float(finals.mean())), abs(float(last.mean()))
    if any(
        middle <= 1e-14 * float(np.abs(x).max()) for middle, x in zip(middles, (finals, last), strict=True)
    ):
        return SignalToNoise(None, None, None, None, None, "mean of zero")
    signal = float(np.ptp(finals)) / middles[0]
    noise, plain = (float(last.std(ddof=ddof)) / middles[1] for ddof in (1, 0))
    if noise <= 1e-14:
        return SignalToNoise(signal, 0.0, 0.0, None, None, "zero variance")
    return SignalToNoise(signal, noise, plain, signal / noise, signal / plain)


def training_noise(scores: ArrayLike, *, last: int = LAST) -> float | None:
    """Return the standard deviation over the last checkpoints of a run; None for fewer than two.

    The noise of Heineman et al. (2025). It describes the end of one run and is no variance between seeds,
    because checkpoints of one run are correlated.
    """
    values = finite_scores(scores)[-count(last, name="last", least=1) :]
    return float(values.std(ddof=1)) if len(values) >= 2 else None


def monotonicity(scores: ArrayLike) -> float | None:
    """Return Kendall's tau-b of score on order (Madaan et al. 2024); None where all scores agree."""
    values = finite_scores(scores)
    balance = untied = 0
    for i, value in enumerate(values):
        signs = np.sign(values[i + 1 :] - value)
        balance, untied = balance + int(signs.sum()), untied + int(np.count_nonzero(signs))
    pairs = len(values) * (len(values) - 1) // 2
    return balance / math.sqrt(pairs * untied) if untied else None


def mean_step(scores: ArrayLike) -> float | None:
    """Return the mean absolute change from one checkpoint to the next; None for fewer than two."""
    values = finite_scores(scores)
    return float(np.abs(np.diff(values)).mean()) if len(values) >= 2 else None
