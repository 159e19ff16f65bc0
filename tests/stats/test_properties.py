"""What must hold whatever the answers: symmetries, identities, and that ties move nothing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.stats import (
    Discordance,
    Paired,
    Stopping,
    TaskValues,
    adjust,
    decide,
    estimate,
    macro,
    mcnemar_exact,
    mcnemar_midp,
    mde,
    mean,
    micro,
    paired,
    pass_at_k,
    pass_hat_k,
    required_n,
    sampled_score,
    sign_flip,
    tango,
    verdict,
)
from assay.stats.predictive import Whole, predict_flips

BINARY = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60)
NUMBERS = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=40)
COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60)).filter(lambda c: sum(c) > 1)
QUICK = settings(max_examples=60, deadline=None)


def sides(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([float(a) for a, _ in pairs]), np.array([float(b) for _, b in pairs])


def numbers_of(result: Paired) -> list[float | None]:
    shown = result.estimate
    return [shown.value, shown.se, shown.low, shown.high, result.p, result.mde]


@QUICK
@given(pairs=st.one_of(BINARY, NUMBERS), seed=st.integers(0, 9))
def test_the_order_of_questions_does_not_matter(pairs: list[tuple[float, float]], seed: int) -> None:
    a, b = sides(pairs)
    order = np.random.default_rng(seed).permutation(len(pairs))
    assert numbers_of(paired(a[order], b[order])) == pytest.approx(numbers_of(paired(a, b)), abs=1e-9)


@QUICK
@given(pairs=st.one_of(BINARY, NUMBERS))
def test_swapping_the_sides_turns_the_sign_and_keeps_p(pairs: list[tuple[float, float]]) -> None:
    a, b = sides(pairs)
    first, second = paired(a, b), paired(b, a)
    assert second.delta == pytest.approx(-(first.delta or 0))
    assert second.p == pytest.approx(first.p)
    assert second.p_second == pytest.approx(first.p_second)
    if first.estimate.low is not None:
        assert second.estimate.high == pytest.approx(-first.estimate.low, abs=1e-7)
    swapped = {"improved": "regressed", "regressed": "improved"}
    word = verdict(first, margin=0.05)
    assert verdict(second, margin=0.05) == swapped.get(word, word)


@QUICK
@given(counts=COUNTS)
def test_a_tie_moves_no_p_and_shrinks_the_difference(counts: tuple[int, int, int]) -> None:
    w, lost, ties = counts
    first, second = Discordance(w, lost, ties), Discordance(w, lost, ties + 1)
    assert abs(second.delta) <= abs(first.delta)
    a, b = [0.0] * w + [1.0] * (lost + ties), [1.0] * w + [0.0] * lost + [1.0] * ties
    assert paired([*a, 1.0], [*b, 1.0]).p == paired(a, b).p


@QUICK
@given(pairs=BINARY)
def test_sign_flips_of_plain_binary_pairs_are_exact_mcnemar(pairs: list[tuple[bool, bool]]) -> None:
    a, b = sides(pairs)  # type: ignore[arg-type]
    counts = paired(a, b).counts
    assert sign_flip(b - a).p == pytest.approx(mcnemar_exact(counts.wins, counts.losses))


@QUICK
@given(pairs=NUMBERS, seed=st.integers(0, 9))
def test_relabelling_clusters_changes_nothing(pairs: list[tuple[float, float]], seed: int) -> None:
    a, b = sides(pairs)
    cluster = np.random.default_rng(seed).integers(0, 3, len(a))
    renamed = [f"cluster {9 - name}" for name in cluster]
    first, second = paired(a, b, cluster=cluster.tolist()), paired(a, b, cluster=renamed)
    assert second.estimate.se == pytest.approx(first.estimate.se)
    assert second.estimate.df == first.estimate.df


@QUICK
@given(pairs=NUMBERS, factor=st.floats(0.01, 100))
def test_the_unit_does_not_matter(pairs: list[tuple[float, float]], factor: float) -> None:
    a, b = sides(pairs)
    first, second = paired(a, b), paired(a * factor, b * factor)
    assert second.delta == pytest.approx((first.delta or 0) * factor)
    if first.p is not None and not first.binary:
        assert second.p == pytest.approx(first.p, abs=1e-7)


@QUICK
@given(counts=COUNTS)
def test_intervals_hold_the_difference_and_agree_with_the_test(counts: tuple[int, int, int]) -> None:
    result = Discordance(*counts)
    low, high = tango(result)
    assert -1 <= low <= result.delta <= high <= 1
    narrow = tango(result, level=0.9)
    assert low <= narrow.low <= narrow.high <= high
    p = mcnemar_midp(result.wins, result.losses)
    assert 0 < p <= 1
    assert p <= mcnemar_exact(result.wins, result.losses)


@QUICK
@given(values=st.lists(st.integers(0, 9), min_size=2, max_size=30))
def test_macro_and_micro_of_one_task_are_the_task(values: list[int]) -> None:
    task = estimate(mean(values))
    for result in (macro({"a": TaskValues(values)}), micro({"a": TaskValues(values)})):
        assert result.value == pytest.approx(task.value)
        assert result.se == pytest.approx(task.se, abs=1e-12)


@QUICK
@given(values=st.lists(st.integers(0, 9), min_size=2, max_size=30), copies=st.integers(2, 4))
def test_samples_that_agree_are_worth_one(values: list[int], copies: int) -> None:
    result = sampled_score([[value] * copies for value in values])
    assert result.new_questions.se == pytest.approx(estimate(mean(values)).se, abs=1e-12)
    assert result.parts.within == 0


@QUICK
@given(n=st.integers(1, 12), data=st.data())
def test_passing_at_one_is_the_share_and_grows_with_k(n: int, data: st.DataObject) -> None:
    c = data.draw(st.integers(0, n))
    assert pass_at_k([c], n=n, k=1)[0] == pytest.approx(c / n)
    assert pass_hat_k([c], n=n, k=1)[0] == pytest.approx(c / n)
    grown = [pass_at_k([c], n=n, k=k)[0] for k in range(1, n + 1)]
    shrunk = [pass_hat_k([c], n=n, k=k)[0] for k in range(1, n + 1)]
    assert grown == sorted(grown)
    assert shrunk == sorted(shrunk, reverse=True)


@QUICK
@given(p=st.dictionaries(st.text(max_size=3), st.floats(0, 1), min_size=1, max_size=12))
def test_corrections_only_raise_p_and_keep_the_order(p: dict[str, float]) -> None:
    names = sorted(p, key=lambda name: p[name])
    sizes = {}
    for method in ("holm", "bh", "by", "bonferroni"):
        adjusted = adjust(p, name="x", method=method).adjusted  # type: ignore[arg-type]
        values = [adjusted[name] or 0.0 for name in names]
        assert values == sorted(values)
        assert all(value >= p[name] - 1e-15 for name, value in zip(names, values, strict=True))
        sizes[method] = sum(values)
    assert sizes["bh"] <= sizes["holm"] + 1e-9 <= sizes["bonferroni"] + 2e-9


@QUICK
@given(delta=st.floats(0.1, 0.5), sd=st.floats(0.2, 1.0))
def test_four_times_the_questions_resolve_half(delta: float, sd: float) -> None:
    first, second = required_n(delta, sd), required_n(delta / 2, sd)
    assert second == pytest.approx(4 * first, abs=16)
    assert mde(sd / 2) == pytest.approx((mde(sd) or math.nan) / 2)


@QUICK
@given(counts=COUNTS, more=st.integers(1, 200))
def test_predicted_chances_are_chances_and_symmetric(counts: tuple[int, int, int], more: int) -> None:
    w, lost, ties = counts
    whole = Whole(sum(counts) + more)
    first = predict_flips(Discordance(w, lost, ties), whole=whole)
    second = predict_flips(Discordance(lost, w, ties), whole=whole)
    assert sum(first.values()) == pytest.approx(1)
    assert first["improved"] == pytest.approx(second["regressed"], abs=1e-9)
    assert first["unresolved"] == pytest.approx(second["unresolved"], abs=1e-9)


@QUICK
@given(pairs=BINARY, more=st.integers(0, 60))
def test_what_cannot_change_does_not(pairs: list[tuple[bool, bool]], more: int) -> None:
    a, b = sides(pairs)  # type: ignore[arg-type]
    decision = decide(a, b, design=Stopping(len(a) + more))
    if decision.reason == "cannot change":
        for right in (0.0, 1.0):
            rest = np.full(more, right)
            whole = paired(np.concatenate([a, rest]), np.concatenate([b, 1 - rest]))
            assert verdict(whole, margin=0.01) == decision.verdict
    assert decision.settled or decision.saved == 0
