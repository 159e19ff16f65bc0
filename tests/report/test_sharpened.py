"""Doors to the bootstrap, to judges' labels, and to a part of the questions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import pytest

from assay.errors import BadSpec, NotEnoughSamples, StatisticsError
from assay.lookup.labels import read_labels
from assay.report.sharpened import Label
from assay.stats import paired, paired_bootstrap, prediction_powered
from assay.store import Store
from tests.report.examples import compared, draws, stored


def judged(store: Store, seed: int = 1) -> tuple[list[float], list[float], list[Label]]:
    """Scores of a judge for A and B on 400 questions, and labels of people for the first 100."""
    generator = np.random.default_rng(seed)
    truth = {"a": generator.random(400) < 0.5, "b": generator.random(400) < 0.65}
    scores = {side: np.where(generator.random(400) < 0.9, x, ~x) * 1.0 for side, x in truth.items()}
    labels = [Label(question_id=f"q{i}", a=float(truth["a"][i]), b=float(truth["b"][i])) for i in range(100)]
    return scores["a"].tolist(), scores["b"].tolist(), labels


def aligned_order(values: Sequence[float]) -> list[float]:
    """Scores in the order of question ids, in which the store gives them."""
    return [values[int(id_[1:])] for id_ in sorted(f"q{i}" for i in range(len(values)))]


def test_the_bootstrap_is_a_method(store: Store) -> None:
    values = [np.random.default_rng(seed).random(60).tolist() for seed in (1, 2)]
    runs = [stored(store, name, scores) for name, scores in zip("ab", values, strict=True)]
    task = compared(store, runs[:1], runs[1:], method="bootstrap").tasks[0]
    plain = compared(store, runs[:1], runs[1:]).tasks[0]
    by_bootstrap = paired(*map(aligned_order, values), method="bootstrap").estimate
    assert (task.low, task.high) == (by_bootstrap.low, by_bootstrap.high)
    assert task.method.startswith("bootstrap, BCa, 9999 resamples")
    assert (task.low, task.high) == (pytest.approx(plain.low, abs=0.03), pytest.approx(plain.high, abs=0.03))
    assert task.p == plain.p_second


def test_the_bootstrap_of_a_ratio_draws_questions_with_their_units() -> None:
    generator = np.random.default_rng(4)
    units = generator.integers(1, 50, 80).astype(float)
    a, b = generator.random(80), generator.random(80) + 0.2
    by_bootstrap = paired(a, b, units=(units, units), method="bootstrap").estimate
    by_t = paired(a, b, units=(units, units)).estimate
    assert by_bootstrap.value == pytest.approx(by_t.value)
    assert by_bootstrap.se == pytest.approx(by_t.se, rel=0.1)
    assert by_bootstrap.low == pytest.approx(by_t.low, abs=0.03)


def test_students_t_is_a_method_for_right_or_wrong_scores_too(store: Store) -> None:
    runs = [stored(store, "a", draws(1)), stored(store, "b", draws(2))]
    task = compared(store, runs[:1], runs[1:], method="t").tasks[0]
    assert task.method == "t; t(199)"
    assert task.low == pytest.approx(paired(draws(1), draws(2), method="t").estimate.low)


def test_the_method_is_part_of_what_a_comparison_is(store: Store) -> None:
    runs = [stored(store, "a", draws(1)), stored(store, "b", draws(2))]
    ids = [compared(store, runs[:1], runs[1:], method=method).id for method in ("auto", "t", "bootstrap")]
    assert len(set(ids)) == 3


def test_labels_correct_a_judge(store: Store) -> None:
    a, b, labels = judged(store)
    runs = [stored(store, "a", a), stored(store, "b", b)]
    task = compared(store, runs[:1], runs[1:], labels=labels).tasks[0]
    difference = np.subtract(b, a)
    expected = prediction_powered(
        [label.b - label.a for label in labels], judged=difference[:100], judged_others=difference[100:]
    )
    assert (task.delta, task.se) == (pytest.approx(expected.value), pytest.approx(expected.se))
    assert (task.low, task.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert task.method.startswith("PPI, weight")
    agreement = task.judges[0]
    right = [label.a == score for label, score in zip(labels, a, strict=False)]
    assert (agreement.side, agreement.labels, agreement.accuracy) == ("A", 100, np.mean(right))


def test_labels_of_several_tasks_and_clusters(store: Store) -> None:
    a, b, labels = judged(store)
    sides = [
        [stored(store, side, scores, task=task, cluster=True) for task in ("one", "two")]
        for side, scores in (("a", a), ("b", b))
    ]
    named = [label.model_copy(update={"task": task}) for label in labels for task in ("one", "two")]
    comparison = compared(store, *sides, labels=named)
    assert [task.method.split(", ")[2].split(";")[0] for task in comparison.tasks] == ["CR1", "CR1"]
    # A question of one task shares its cluster with its twin in the other, so the mean is no more precise.
    assert comparison.suite.se == pytest.approx(comparison.tasks[0].se, rel=0.01)
    with pytest.raises(StatisticsError, match="'two'"):
        compared(store, *sides, labels=named[::2])


@pytest.mark.parametrize("labelled", [slice(0, 1), slice(0, 0), slice(0, 100)])
def test_too_few_labels_or_others_are_refused(store: Store, labelled: slice) -> None:
    a, b, labels = judged(store)
    runs = [stored(store, name, scores[:100]) for name, scores in (("a", a), ("b", b))]
    with pytest.raises(NotEnoughSamples if labels[labelled] else StatisticsError):
        compared(store, runs[:1], runs[1:], labels=labels[labelled])


def test_a_part_of_the_questions_is_sharpened_by_the_others(store: Store) -> None:
    generator = np.random.default_rng(6)
    easy = generator.random(600)
    a = (generator.random(600) < easy) * 1.0
    b = (generator.random(600) < np.minimum(1, easy + 0.1)) * 1.0
    ids = sorted(f"q{i}" for i in range(600))
    runs = [
        stored(store, "a", a.tolist(), ids=ids),
        stored(store, "b", b[:150].tolist(), ids=ids[:150]),
    ]
    task = compared(store, runs[:1], runs[1:], method="cuped").tasks[0]
    expected = prediction_powered((b - a)[:150], judged=a[:150], judged_others=a[150:])
    assert (task.delta, task.se) == (pytest.approx(expected.value), pytest.approx(expected.se))
    assert task.n == 150
    assert (task.pairing.dropped, task.verdict != "unresolved") == (0.0, (task.p or 1) <= 0.05)
    with pytest.raises(NotEnoughSamples):
        compared(store, runs[:1], runs[:1], method="cuped")


@pytest.mark.parametrize("option", [{"method": "cuped"}, {"labels": [Label(question_id="q0", a=1, b=0)]}])
def test_a_ratio_has_no_such_door(store: Store, option: dict[str, object]) -> None:
    metric = {"reduction": "ratio", "unit": "number"}
    runs = [stored(store, name, [1.0, 2.0, 3.0], metric=metric) for name in "ab"]
    with pytest.raises(StatisticsError, match="ratio"):
        compared(store, runs[:1], runs[1:], **option)


def test_estimates_of_both_doors_cover() -> None:
    """95 % intervals over 600 draws, of questions of which 60 of 300 have a label or an answer of B."""
    generator = np.random.default_rng(7)
    covered = {"labels": 0, "part": 0}
    for _ in range(600):
        easy = generator.uniform(0.2, 0.8, 300)
        a, b = (generator.random((2, 300)) < np.stack([easy, easy + 0.1])) * 1.0
        judge_a, judge_b = (np.where(generator.random(300) < 0.85, x, 1 - x) for x in (a, b))
        by_labels = prediction_powered(
            (b - a)[:60], judged=(judge_b - judge_a)[:60], judged_others=(judge_b - judge_a)[60:]
        )
        by_part = prediction_powered((b - a)[:60], judged=a[:60], judged_others=a[60:])
        for name, estimate in (("labels", by_labels), ("part", by_part)):
            covered[name] += (
                estimate.low is not None
                and estimate.high is not None
                and estimate.low <= 0.1 <= estimate.high
            )
    assert {name: 0.93 <= hits / 600 <= 0.97 for name, hits in covered.items()} == {
        "labels": True, "part": True,
    }  # fmt: skip


def test_labels_come_from_lines_of_json(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    rows = [{"question_id": "q1", "a": 1, "b": 0}, {"question_id": "q1", "a": 0.5, "b": 0, "task": "other"}]
    file.write_bytes(b"\xef\xbb\xbf" + b"\n\n".join(map(orjson.dumps, rows)))
    assert read_labels(file) == [Label(**row) for row in rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"question_id": "q1", "a": 1}', "Line 1 of labels.jsonl is no label"),
        (b'{"question_id": "q1", "a": 1, "b": "x"}', "Line 1"),
        (b'{"question_id": "q1", "a": NaN, "b": 1}', "Line 1"),
        (b'{"question_id": "q1", "a": 1, "b": 1}\n{"question_id": "q1", "a": 1, "b": 1}', "Line 2.*again"),
        (b"q1 1 0", "Line 1"),
        (b"\xff\xfe", "Line 1"),
        (b"", "holds no label"),
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_bytes(content)
    with pytest.raises(BadSpec, match=message):
        read_labels(file)
    with pytest.raises(BadSpec, match="cannot be read"):
        read_labels(tmp_path / "missing.jsonl")


def test_the_example_scores_are_in_the_order_of_the_store() -> None:
    assert aligned_order([float(i) for i in range(12)])[:4] == [0.0, 1.0, 10.0, 11.0]


def test_the_bootstrap_itself_takes_rows() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 2.0], [2.0, 1.0]])
    estimate = paired_bootstrap(rows, rows * [2, 1], statistic=lambda r: float(r[:, 0].sum() / r[:, 1].sum()))
    assert estimate.value == pytest.approx(6 / 5)
