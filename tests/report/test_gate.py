"""Gates pass what is not worse by the margin, and nothing else."""

import pytest

from assay.report.gate import judge
from assay.store import Store
from tests.report.examples import compared, draws, flips, stored


def test_gates_pass_regress_and_leave_open(store: Store) -> None:
    base = stored(store, "a", draws(1, n=400))
    same = stored(store, "same", draws(1, n=400))
    worse = stored(store, "worse", [0.0] * 400)
    noisy = stored(store, "noisy", draws(9, n=400))
    assert judge(compared(store, [base], [same])).result == "passed"
    assert judge(compared(store, [base], [worse])).result == "regressed"
    assert judge(compared(store, [base], [noisy])).result == "unresolved"
    assert judge(compared(store, [worse], [base])).result == "passed"


def test_where_lower_is_better_more_is_a_regression(store: Store) -> None:
    metric = {"lower_is_better": True}
    a, b = (stored(store, name, v, metric=metric) for name, v in zip("ab", flips(30, 5, 100), strict=True))
    assert judge(compared(store, [a], [b])).result == "regressed"


def test_a_gate_does_not_pass_because_nothing_flipped_in_a_handful(store: Store) -> None:
    few = [stored(store, name, [1.0] * 20) for name in "ab"]
    assert judge(compared(store, few[:1], few[1:])).result == "unresolved"


@pytest.mark.parametrize("samples", [1, 4])
def test_a_gate_over_tasks_in_which_nothing_flipped_rests_on_their_bounds(store: Store, samples: int) -> None:
    values = [(x,) * samples for x in draws(1, n=400)]
    sides = [[stored(store, name, values, task=task) for task in ("one", "two")] for name in "ab"]
    assert judge(compared(store, *sides)).result == "passed"


@pytest.mark.parametrize("tasks", [1, 2])
def test_a_gate_does_not_pass_what_it_has_not_seen(store: Store, tasks: int) -> None:
    """With 15 % of the pairs lost, it passed."""
    names = [f"task{i}" for i in range(tasks)]
    a = [stored(store, "a", [0.0] * 200, task=name) for name in names]
    b = [stored(store, "b", [1.0] * 170 + [None] * 30, task=name) for name in names]
    gate = judge(compared(store, a, b))
    assert (gate.result, gate.sentence[:40]) == ("unresolved", "15% of the questions have no pair, so ne")


def test_a_loss_within_the_margin_passes_and_is_named(store: Store) -> None:
    a, b = flips(2, 14, 3000)
    gate = judge(compared(store, [stored(store, "a", a)], [stored(store, "b", b)], margin=0.02))
    assert gate.result == "passed"
    assert gate.sentence == "B is worse than A by 0.4 pp, which is within the margin of 2 pp."
