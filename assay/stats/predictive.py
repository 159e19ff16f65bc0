"""What the test on a whole set of questions will say, predicted from a random part of it.

The answers so far have many completions; each has a verdict and a predictive probability (Spiegelhalter et
al. 1986; Lee and Liu 2008). Right-or-wrong scores of independent questions are predicted by beta-binomials of
flips, so that ties and small counts are exact; all others by Student's t on the standard error so far.
"""

import math
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from assay.stats.discordant import Discordance, midp_values, tango_values
from assay.stats.distributions import normal_quantile, t_quantile, t_tail
from assay.stats.estimates import Estimate
from assay.stats.scores import Array
from assay.stats.words import Verdict

Chances: TypeAlias = dict[Verdict, float]
"""Predictive probability of each verdict."""

SPREAD = 8.0
"""Standard deviation, before any answer, of the whole set's difference in standard errors."""
FEWEST_FREEDOM = 9
"""Degrees of freedom below which no standard error is trusted to predict another."""
EXHAUSTIVE = 400
"""Questions left up to which all completions are enumerated."""
NODES = 24
"""Numbers of further flips that stand for all where there are more."""
VERDICTS: tuple[Verdict, ...] = ("regressed", "unresolved", "improved", "equivalent")


class Whole(NamedTuple):
    """The test on the whole set."""

    total: int
    """Questions, asked and unasked."""
    alpha: float = 0.05
    margin: float = 0.01


def predict_flips(counts: Discordance, *, whole: Whole) -> Chances:
    """Return the predictive probability of each verdict for right-or-wrong scores.

    The questions left flip as a beta-binomial of the share that flipped (Beta(1, 1/2) before), and B wins
    those flips as a beta-binomial with Beta(a, a) before. a is 1/2, or as large as keeps the spread of the
    whole set's difference, in standard errors, at `SPREAD`: its variance is M/(2a + 1) for M flips.
    """
    flips, left = counts.wins + counts.losses, whole.total - counts.n
    a = max(0.5, (whole.total * flips / counts.n / SPREAD**2 - 1) / 2)
    further, weights = _further_flips(flips, counts.n, left)
    chances = np.zeros(len(VERDICTS))
    for more, weight in zip(further.tolist(), weights.tolist(), strict=True):
        indices = _verdicts(flips + more, whole)[counts.wins : counts.wins + more + 1]
        probability = _beta_binomial(np.arange(more + 1.0), more, counts.wins + a, counts.losses + a)
        chances += weight * np.bincount(indices, weights=probability, minlength=len(VERDICTS))
    return _named(chances / chances.sum())


def predict_mean(estimate: Estimate, *, whole: Whole) -> Chances | None:
    """Return the predictive probability of each verdict for means of any scores, also clustered.

    With f = t/N, the standard error of the whole set is SE sqrt(f). In those, the difference so far is z and
    S = f z; that of the whole set has mean S + (1 - f) v S and variance (1 - f)^2 v + 1 - f with v =
    1/(f + 1/SPREAD^2) (Spiegelhalter et al. 1986), and Student's tails. None where the standard error is zero
    or rests on fewer than ten units.
    """
    if estimate.value is None or estimate.se is None or estimate.df is None or not estimate.informative:
        return None
    if estimate.df < FEWEST_FREEDOM:
        return None
    f, df = estimate.n / whole.total, estimate.df
    se, freedom = estimate.se * math.sqrt(f), (df + 1) / f - 1
    v = 1 / (f + 1 / SPREAD**2)
    centre = f * estimate.value / se * (1 + (1 - f) * v)
    spread = math.sqrt((1 - f) ** 2 * v + 1 - f)
    critical = t_quantile(1 - whole.alpha / 2, df=freedom)
    inside = max(0.0, min(critical, whole.margin / se - t_quantile(1 - whole.alpha, df=freedom)))
    above = [t_tail((end - centre) / spread, df=df) for end in (-critical, -inside, inside, critical)]
    equivalent = above[1] - above[2]
    return _named(np.array([1 - above[0], above[0] - above[3] - equivalent, above[3], equivalent]))


def fixed_verdict(counts: Discordance, *, whole: Whole) -> Verdict | None:
    """Return the verdict that every completion of right-or-wrong scores gives; None where they differ.

    A direction is fixed where it stands even if all other questions go against it. Else neither all wins
    nor all losses may make a direction, and all completions are enumerated where there are few.
    """
    flips, left = counts.wins + counts.losses, whole.total - counts.n
    ends = _verdicts(flips + left, whole)
    worst: Verdict = VERDICTS[ends[counts.wins]]
    best: Verdict = VERDICTS[ends[counts.wins + left]]
    if worst == best and worst in {"improved", "regressed"}:
        return worst
    if not {worst, best}.isdisjoint({"improved", "regressed"}) or left > EXHAUSTIVE:
        return None
    seen: set[int] = set()
    for more in range(left + 1):
        seen.update(_verdicts(flips + more, whole)[counts.wins : counts.wins + more + 1].tolist())
        if len(seen) > 1:
            return None
    return worst


@lru_cache(maxsize=4096)
def _verdicts(flips: int, whole: Whole) -> NDArray[np.intp]:
    """List the verdict of each number of wins of so many flips in the whole set, as indices of `VERDICTS`."""
    wins = np.arange(flips + 1.0)
    losses, n, z = flips - wins, float(whole.total), normal_quantile(1 - whole.alpha)
    direction = np.where(midp_values(wins, losses) <= whole.alpha, np.sign(wins - losses), 0.0)
    inside = (tango_values(-whole.margin, wins, losses, n) > z) & (
        tango_values(whole.margin, wins, losses, n) < -z
    )
    return np.where(direction != 0, direction + 1, np.where(inside, 3, 1)).astype(np.intp)


def _further_flips(flips: int, answered: int, left: int) -> tuple[NDArray[np.intp], Array]:
    """List numbers of flips among the questions left with their weights: all likely ones, or quantiles."""
    probability = _beta_binomial(np.arange(left + 1.0), left, flips + 1.0, answered - flips + 0.5)
    likely = np.flatnonzero(probability > 1e-9)
    if len(likely) <= NODES:
        return likely, probability[likely] / probability[likely].sum()
    middles = (np.arange(NODES) + 0.5) / NODES
    return np.searchsorted(np.cumsum(probability), middles * probability.sum()), np.full(NODES, 1 / NODES)


def _beta_binomial(counts: Array, n: int, a: float, b: float) -> Array:
    log_choose = -np.log(n + 1) - special.betaln(n - counts + 1, counts + 1)
    seen = special.betaln(counts + a, n - counts + b) - special.betaln(a, b)
    return np.asarray(np.exp(log_choose + seen), dtype=np.float64)


def _named(chances: Array) -> Chances:
    return dict(zip(VERDICTS, np.clip(chances, 0.0, 1.0).tolist(), strict=True))
