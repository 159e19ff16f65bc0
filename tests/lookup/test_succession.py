"""Which checkpoints are compared: decided by what was completed, never by what ended first."""

from itertools import permutations

import pytest

from assay.lookup.succession import Succession, preceding, successions
from assay.records import Run
from assay.store import Store
from tests.report.examples import stored


def ended(store: Store, step: int, *, tasks: str = "a", **changes: object) -> list[Run]:
    """Store the completed runs of a step, one for each letter of `tasks`."""
    return [stored(store, f"s{step}", [1.0, 0.0], task=task, step=step, **changes) for task in tasks]  # type: ignore[arg-type]


def steps(succession: Succession) -> tuple[int | None, int | None, int | None]:
    return succession.before[0].checkpoint.step, succession.after[0].checkpoint.step, succession.replaces


@pytest.mark.parametrize("order", list(permutations((100, 200, 300))), ids=str)
def test_neighbours_are_the_same_in_every_order(store: Store, order: tuple[int, ...]) -> None:
    compared: dict[int | None, int | None] = {}
    for step in order:
        for before, after, replaces in map(steps, successions(store, ended(store, step))):
            assert compared.get(after) == replaces
            compared[after] = before
    assert compared == {200: 100, 300: 200}


def test_what_stood_in_for_the_predecessor_is_named(store: Store) -> None:
    assert successions(store, ended(store, 300)) == []
    assert [steps(pair) for pair in successions(store, ended(store, 100))] == [(100, 300, None)]
    assert [steps(pair) for pair in successions(store, ended(store, 200))] == [
        (100, 200, None),
        (200, 300, 100),
    ]


def test_a_checkpoint_with_all_the_tasks_is_preferred_to_a_nearer_one_with_some(store: Store) -> None:
    ended(store, 100, tasks="ab")
    ended(store, 200, tasks="a")
    (succession,) = successions(store, ended(store, 300, tasks="ab"))
    assert steps(succession) == (100, 300, None)
    assert [len(succession.before), len(succession.after)] == [2, 2]
    assert preceding({1: {("x", "", None): "r"}, 2: {("x", "", None): "s", ("y", "", None): "t"}}, 2) == 1


def test_the_first_step_may_be_zero(store: Store) -> None:
    ended(store, 0, tasks="ab")
    ended(store, 50, tasks="a")
    (succession,) = successions(store, ended(store, 100, tasks="ab"))
    assert steps(succession) == (0, 100, None)


def test_what_was_not_completed_or_cannot_be_compared_is_nobodys_neighbour(store: Store) -> None:
    ended(store, 100)
    ended(store, 200, status="failed")
    ended(store, 250, limit=20)
    ended(store, 260, harness_fingerprint="another")
    (succession,) = successions(store, ended(store, 300))
    assert steps(succession) == (100, 300, None)
    assert successions(store, ended(store, 400, status="failed")) == []
    assert successions(store, [stored(store, "alone", [1.0])]) == []
