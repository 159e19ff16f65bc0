"""When a run may stop: settled verdicts, what they risk, and that it asks less than an e-process."""

import math

import numpy as np
import pytest

from assay.errors import StatisticsError
from assay.stats import (
    Discordance,
    Estimate,
    Stopping,
    decide,
)
from assay.stats.predictive import Whole, fixed_verdict, predict_flips, predict_mean
from tests.benchmarks.stopping import drawn, tally


def sides(wins: int, losses: int, ties: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores of A and B in a random order, as `decide` wants them."""
    order = np.random.default_rng(0).permutation(wins + losses + ties)
    counts = [wins, losses, ties]
    return np.repeat([0.0, 1.0, 1.0], counts)[order], np.repeat([1.0, 0.0, 1.0], counts)[order]


def test_a_large_difference_is_settled_at_once() -> None:
    decision = decide(*sides(12, 0, 8), design=Stopping(1000))
    assert (decision.settled, decision.verdict, decision.reason, decision.saved) == (
        True,
        "improved",
        "ahead",
        980,
    )
    assert decision.sentence.startswith("After 20 of 1,000 questions: improved")
    assert decide(*sides(0, 12, 8), design=Stopping(1000)).verdict == "regressed"


def test_the_end_is_the_ordinary_test() -> None:
    decision = decide(*sides(14, 4, 82), design=Stopping(100))
    assert (decision.verdict, decision.reason, decision.saved) == ("improved", "all asked", 0)


def test_what_cannot_change_is_told_without_error() -> None:
    decision = decide(*sides(2, 2, 90), design=Stopping(98))
    assert (decision.verdict, decision.reason, decision.chance) == ("unresolved", "cannot change", 1.0)
    assert fixed_verdict(Discordance(40, 1, 50), whole=Whole(100)) == "improved"
    assert fixed_verdict(Discordance(5, 1, 50), whole=Whole(100)) is None


def test_equivalence_is_settled_too() -> None:
    decision = decide(*sides(3, 3, 1494), design=Stopping(2000, margin=0.02))
    assert (decision.settled, decision.verdict) == (True, "equivalent")


def test_no_difference_is_given_up_before_the_end() -> None:
    decision = decide(*sides(60, 60, 480), design=Stopping(1000))
    assert (decision.settled, decision.verdict, decision.reason) == (True, "unresolved", "unlikely to change")
    assert not decide(*sides(6, 6, 48), design=Stopping(1000)).settled


def test_a_few_questions_settle_nothing() -> None:
    assert decide([0.0], [1.0], design=Stopping(50)).reason == "open"
    assert decide([0.1, 0.2], [0.9, 0.8], design=Stopping(50)).chance is None
    assert not decide([0.1] * 8, [0.9] * 8, design=Stopping(50), cluster=list("aabbccdd")).settled
    with pytest.raises(StatisticsError):
        decide([0.0, 1.0], [1.0, 1.0], design=Stopping(1))


def test_predictions_are_those_of_completing_the_answers_by_hand() -> None:
    """One question left, whose flip and win have beta-binomial chances of one draw."""
    counts, whole = Discordance(8, 2, 9), Whole(20)
    decision = predict_flips(counts, whole=whole)
    flips = (10 + 1) / (19 + 1.5)
    won = (8 + 0.5) / (10 + 1)
    cases = {(9, 2, 9): flips * won, (8, 3, 9): flips * (1 - won), (8, 2, 10): 1 - flips}
    for verdict in decision:
        chance = sum(p for c, p in cases.items() if fixed_verdict(Discordance(*c), whole=whole) == verdict)
        assert decision[verdict] == pytest.approx(chance)


def test_predictions_of_means_are_those_of_simulation() -> None:
    """Little is known beforehand and freedom is large, so the rest is drawn like the first part."""
    value, sd, t, total = 0.08, 0.4, 100, 200
    decision = predict_mean(Estimate(value, sd / math.sqrt(t), t - 1, n=t), whole=Whole(total))
    generator = np.random.default_rng(1)
    true = generator.normal(value, sd / math.sqrt(t), 200_000)
    rest = true + generator.normal(0, sd / math.sqrt(total - t), len(true))
    z = (t * value + (total - t) * rest) / total / (sd / math.sqrt(total))
    assert decision is not None
    assert decision["improved"] == pytest.approx(np.mean(z > 1.972), abs=0.03)


@pytest.mark.parametrize(
    ("size", "flips", "z"), [(200, 0.3, 0.0), (200, 0.3, 2.0), (200, 0.3, 4.0), (60, 0.2, 0.0)]
)
def test_it_asks_less_than_an_e_process_and_errs_no_more_than_alpha(
    size: int, flips: float, z: float
) -> None:
    delta = z * math.sqrt(flips / size)
    by_decide, by_e_process = (
        tally(drawn(size, flips=flips, delta=delta, n=150, seed=3), plain=plain) for plain in (False, True)
    )
    assert by_decide.saved > by_e_process.saved + 0.03
    assert by_decide.other <= 0.05 + 2.6 * math.sqrt(0.05 * 0.95 / 150)
    if not z:
        assert by_decide.named <= 0.04 + 2.6 * math.sqrt(0.04 * 0.96 / 150)
