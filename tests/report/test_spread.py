"""Differences are counted in bars that a reader can name, and none is lost."""

import numpy as np
import pytest

from assay.report.spread import SIDE, spread
from assay.store import Store
from tests.report.examples import compared, stored


def test_bars_are_round_and_ties_have_one_of_their_own() -> None:
    bars = spread(np.array([-0.42, 0.0, 0.0, 0.04, 0.13, 0.98]))
    assert bars is not None
    assert bars.width == 0.1
    places = {index - len(bars.counts) // 2: number for index, number in enumerate(bars.counts) if number}
    assert places == {-4: 1, 0: 3, 1: 1, 10: 1}


@pytest.mark.parametrize("scale", [1e-7, 0.003, 1.0, 40.0, 1e9])
def test_every_question_is_in_one_bar(scale: float) -> None:
    values = np.random.default_rng(1).standard_t(2, 2000) * scale
    bars = spread(values)
    assert bars is not None
    assert sum(bars.counts) == 2000
    assert len(bars.counts) == 2 * SIDE + 1
    assert 0 < bars.beyond <= 20
    inside = np.abs(values) < bars.width / 2
    assert bars.counts[SIDE] == inside.sum()
    assert f"{bars.width:.0e}"[0] in "125"


def test_a_far_outlier_is_counted_in_the_outermost_bar() -> None:
    bars = spread(np.array([0.1] * 500 + [1e40]))
    assert bars is not None
    assert (sum(bars.counts), bars.counts[-1], bars.beyond) == (501, 501, 1)


def test_swapping_the_sides_turns_the_bars_round() -> None:
    values = np.random.default_rng(2).normal(0.3, 1, 500)
    there, back = spread(values), spread(-values)
    assert there is not None
    assert back is not None
    assert there.counts == back.counts[::-1]


def test_nothing_moves_nothing_is_drawn() -> None:
    assert spread(np.zeros(5)) is None
    assert spread(np.array([])) is None
    bars = spread(np.array([0.0] * 999 + [0.5]))
    assert bars is not None
    assert bars.counts[-1] == 1


def test_numbers_and_several_samples_have_a_spread_and_right_or_wrong_has_none() -> None:
    with Store.open() as store:
        metric = {"lower_is_better": True, "unit": "number"}
        bits = [
            stored(store, name, values, metric=metric, task="bits")
            for name, values in (("a", [2.0, 3.0, 2.5]), ("b", [1.0, 3.0, 2.6]))
        ]
        bars = compared(store, bits[:1], bits[1:]).tasks[0].spread
        assert bars is not None
        assert (bars.counts[-1], sum(bars.counts), bars.beyond) == (1, 3, 0)
        right = [stored(store, name, values) for name, values in (("a", [0.0, 1.0]), ("b", [1.0, 1.0]))]
        assert compared(store, right[:1], right[1:]).tasks[0].spread is None
        several = [
            stored(store, name, values, task="several")
            for name, values in (("a", [(0.0, 1.0), (1.0, 1.0)]), ("b", [(1.0, 1.0), (1.0, 1.0)]))
        ]
        assert compared(store, several[:1], several[1:]).tasks[0].spread is not None
