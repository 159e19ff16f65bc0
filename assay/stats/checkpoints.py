"""Over the checkpoints of a training run: how much of a change is noise of training."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.stats.distributions import normal_tail
from assay.stats.scores import finite_scores

LAST = 5
"""Checkpoints at the end of a run whose spread counts as noise."""


@dataclass(frozen=True)
class RecipeDifference:
    """A difference as a claim about two recipes, not only about two files of weights."""

    delta: float
    se: float | None
    """sqrt(SE_paired^2 + s_A^2 + s_B^2)."""
    z: float | None
    p: float | None


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
    delta: float, *, paired_se: float, checkpoint_sd_a: float, checkpoint_sd_b: float
) -> RecipeDifference:
    """Add the noise of both trainings to a paired difference, as variances of independent sources."""
    se = math.sqrt(paired_se**2 + checkpoint_sd_a**2 + checkpoint_sd_b**2)
    if se == 0:
        return RecipeDifference(delta, None, None, None)
    return RecipeDifference(delta, se, delta / se, 2 * normal_tail(abs(delta) / se))


def signal_to_noise(models: ArrayLike, *, checkpoints: ArrayLike) -> SignalToNoise:
    """Relate the spread of final models to that of one run's last checkpoints."""
    finals, last = finite_scores(models), finite_scores(checkpoints)
    if len(last) < 2 or len(finals) < 2:
        return SignalToNoise(None, None, None, None, None, "n<2")
    if finals.mean() == 0 or last.mean() == 0:
        return SignalToNoise(None, None, None, None, None, "mean of zero")
    signal = float(np.ptp(finals) / abs(finals.mean()))
    noise, plain = (float(last.std(ddof=ddof) / abs(last.mean())) for ddof in (1, 0))
    if noise == 0:
        return SignalToNoise(signal, noise, plain, None, None, "zero variance")
    return SignalToNoise(signal, noise, plain, signal / noise, signal / plain)


def training_noise(scores: ArrayLike, *, last: int = LAST) -> float | None:
    """Return the standard deviation over the last checkpoints of a run; None for fewer than two."""
    values = finite_scores(scores)[-last:]
    return float(values.std(ddof=1)) if len(values) >= 2 else None


def monotonicity(scores: ArrayLike) -> float | None:
    """Return Kendall's tau-b of score on order (Madaan et al. 2024); None where all scores agree."""
    values = finite_scores(scores)
    signs = np.sign(values[None, :] - values[:, None])[np.triu_indices(len(values), 1)]
    pairs, untied = len(signs), int(np.sum(signs != 0))
    return float(signs.sum() / math.sqrt(pairs * untied)) if untied else None


def mean_step(scores: ArrayLike) -> float | None:
    """Return the mean absolute change from one checkpoint to the next; None for fewer than two."""
    values = finite_scores(scores)
    return float(np.abs(np.diff(values)).mean()) if len(values) >= 2 else None
