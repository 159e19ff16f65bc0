"""Stop asking once the verdict on the whole set of questions is settled.

The set has a known number of questions, N, and they are asked in a fixed random order:

    from assay.stats import Stopping, decide

    design = Stopping(total=1319, margin=0.01, every=32)  # N questions, a look after every 32
    decision = decide(a_so_far, b_so_far, design=design)  # one score per question, in the order asked
    if decision.settled:
        print(decision.verdict, decision.sentence, decision.saved)

`cluster` takes the clusters of the questions asked. `decide` keeps no state: it is given all scores so far.
Asking stops

* where the verdict is the same however the other questions come out, which is free of error;
* where B, or A, is ahead by more than chance may be on the way to N (`sequential.first_crossing`);
* where the test on all N is unlikely to find anything, or to find no equivalence (`predictive`).

What is controlled, at alpha = 5 % (measured by tests/benchmarks/stopping.py, tabled in docs/statistics.md):

* naming a direction early where there is none: at most 0.8 alpha, exactly, for right-or-wrong scores of
  independent questions, given which of them flip; by simulation for all others. A run that never stops early
  ends with the ordinary test, whose level is alpha as ever;
* stopping with another verdict than that of the whole set: by simulation some 2 % over all cases, and about
  alpha at worst, where the whole set is at the edge of significance. Stopping with `unresolved` gives up on
  this set of questions, and claims nothing else.

It needs fewer questions than an e-process because N is known: an e-process guards against looking for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.errors import StatisticsError
from assay.stats.clusters import Clusters, cluster_codes
from assay.stats.differences import paired
from assay.stats.discordant import Discordance, discordance
from assay.stats.domain import count, fraction, positive, same_length
from assay.stats.estimates import Estimate, estimate, mean
from assay.stats.predictive import Chances, Whole, fixed_verdict, predict_flips, predict_mean
from assay.stats.scores import finite_scores, is_binary
from assay.stats.sequential import first_crossing
from assay.stats.verdicts import verdict
from assay.stats.words import Verdict

Reason: TypeAlias = Literal["all asked", "cannot change", "ahead", "unlikely to change", "open"]

SPENT = 0.8
"""Share of alpha that directions named early may cost."""
CLAIM = 0.01
"""Predicted chance of another verdict at which a claim is settled, for scores that are not right or wrong."""
GIVE_UP = 0.04
"""The same for `unresolved`, which claims nothing."""
LARGEST_SET = 10_000_000
"""Questions whose verdicts are listed for every number of wins, in some 80 MB."""
FEW_FLIPS = 10
"""Flips below which giving up takes a smaller chance, in proportion: a few more could turn the verdict."""


@dataclass(frozen=True)
class Stopping:
    """The test on the whole set, and how often to look on the way; raises StatisticsError."""

    total: int
    """Questions of the whole set, asked and unasked."""
    alpha: float = 0.05
    """Level of the test on the whole set."""
    margin: float = 0.01
    """Difference that does not matter."""
    every: int = 1
    """Questions between two looks."""

    def __post_init__(self) -> None:
        """Refuse values that make no test."""
        count(self.total, name="total", least=1, most=LARGEST_SET)
        count(self.every, name="every", least=1)
        fraction(2 * fraction(self.alpha, name="alpha"), name="2 alpha")
        positive(self.margin, name="margin")

    @property
    def whole(self) -> Whole:
        """The test on the whole set."""
        return Whole(self.total, self.alpha, self.margin)


@dataclass(frozen=True)
class Decision:
    """Whether the verdict is settled, what it is, and what was saved."""

    settled: bool
    verdict: Verdict
    """The verdict of the whole set where settled; else the likeliest one so far."""
    reason: Reason
    chance: float | None
    """Predicted probability that the whole set gives this verdict; None where it cannot be predicted yet."""
    questions: int
    """How many were asked."""
    saved: int
    """Questions that need not be asked; 0 while it is open."""

    @property
    def sentence(self) -> str:
        """The decision in plain English."""
        if self.reason == "open":
            return f"After {self.questions:,} questions the verdict is open."
        if self.reason == "all asked":
            return f"All {self.questions:,} questions were asked: {self.verdict}."
        why = {
            "cannot change": "the others cannot change it",
            "ahead": "more than chance explains at so many looks",
            "unlikely to change": "the others are unlikely to change it",
        }[self.reason]
        return (
            f"After {self.questions:,} of {self.questions + self.saved:,} questions: {self.verdict}; {why}."
        )


def decide(a: ArrayLike, b: ArrayLike, *, design: Stopping, cluster: Clusters | None = None) -> Decision:
    """Decide whether to go on, from one score of A and of B for each question asked so far, in that order.

    By the walk of flips (Lan and DeMets 1983) and by predictive probability (Spiegelhalter et al. 1986; Lee
    and Liu 2008). The order must be random and fixed beforehand. Scores are signed so that more is better;
    several samples of a question are given as their mean, and a ratio as its linearised values
    (`Influenced`).
    """
    before, after = finite_scores(a), finite_scores(b)
    same_length(**{"scores of A": before, "scores of B": after})
    n, left = len(before), design.total - len(before)
    if left < 0:
        raise StatisticsError(
            f"{n} questions were asked of a set of {design.total}.", remedy="Give the size of the whole set."
        )
    if not left:
        whole = paired(before, after, cluster=cluster, alpha=design.alpha)
        return Decision(
            True, verdict(whole, margin=design.margin, alpha=design.alpha), "all asked", 1.0, n, 0
        )
    codes = cluster_codes(cluster, size=n)
    settled, reason, chances = (
        _by_flips(np.sign(after - before).astype(np.int64), design)
        if codes is None and is_binary(before) and is_binary(after)
        else _by_mean(estimate(mean(after - before), cluster=codes), design)
    )
    likeliest: Verdict = max(chances, key=lambda word: chances[word], default="unresolved")
    word = likeliest if settled is None else settled
    chance = 1.0 if reason == "cannot change" else chances.get(word)
    return Decision(settled is not None, word, reason, chance, n, 0 if settled is None else left)


def give_up_risk(counts: Discordance) -> float:
    """Return the predicted chance of another verdict at which to give up, for right-or-wrong scores."""
    return GIVE_UP * min(1.0, (counts.flips + 1) / FEW_FLIPS)


def _by_flips(outcomes: NDArray[np.int64], design: Stopping) -> tuple[Verdict | None, Reason, Chances]:
    counts = discordance(np.zeros(len(outcomes)), outcomes)
    if fixed := fixed_verdict(counts, whole=design.whole):
        return fixed, "cannot change", {}
    chances = predict_flips(counts, whole=design.whole)
    spend = SPENT * design.alpha
    ahead = first_crossing(outcomes, total=design.total, spend=spend, every=design.every)
    if ahead is not None:
        return ("improved" if ahead.won else "regressed"), "ahead", chances
    return _by_chance(chances, ("unresolved", "equivalent"), design, give_up=give_up_risk(counts))


def _by_mean(so_far: Estimate, design: Stopping) -> tuple[Verdict | None, Reason, Chances]:
    chances = predict_mean(so_far, whole=design.whole) or {}
    return _by_chance(chances, tuple(chances), design, give_up=GIVE_UP)


def _by_chance(
    chances: Chances, possible: Sequence[Verdict], design: Stopping, *, give_up: float
) -> tuple[Verdict | None, Reason, Chances]:
    for word in possible:
        risk = give_up if word == "unresolved" else CLAIM
        if chances[word] >= 1 - risk * design.alpha / 0.05:
            return word, "unlikely to change", chances
    return None, "open", chances
