"""Checkpoints that end in any order are compared with their predecessors."""

from itertools import permutations

import pytest

from assay.store import Store
from flows.checkpoint import compare_neighbours
from tests.report.examples import stored

SHARES = {100: 10, 200: 40, 300: 90}
"""Right answers of 100 at each step."""


@pytest.mark.parametrize("order", list(permutations(SHARES)), ids=str)
def test_the_comparisons_kept_are_the_same_in_every_order(order: tuple[int, ...]) -> None:
    with Store.open() as store:
        latest = {}
        for step in order:
            right = SHARES[step]
            run = stored(store, f"s{step}", [1.0] * right + [0.0] * (100 - right), step=step)
            for found, _, problem in compare_neighbours(store, [run], suite="all"):
                assert problem is None
                assert found is not None
                assert store.comparison(found.id)["id"] == found.id
                latest[found.b.checkpoint.step] = found
        assert {step: (found.a.checkpoint.step, found.suite.delta) for step, found in latest.items()} == {
            200: (100, pytest.approx(0.3)),
            300: (200, pytest.approx(0.5)),
        }


def test_what_cannot_be_compared_does_not_stop_the_rest() -> None:
    with Store.open() as store:
        stored(store, "s100", [1.0] * 10, step=100)
        stored(store, "s300", [1.0] * 9, step=300)
        between = stored(store, "s200", [0.0] * 9, step=200)
        broken, whole = compare_neighbours(store, [between], suite="all")
    assert broken.comparison is None
    assert (broken.problem or "").startswith("train@200 against train@100: ")
    assert whole.comparison is not None
    assert whole.comparison.suite.verdict == "improved"
