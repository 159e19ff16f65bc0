"""Names become runs, and runs become sides whose scores are read when they are needed."""

import pytest

from assay.errors import BadSpec, UnknownName
from assay.lookup.runs import final_scores, find_runs, find_series
from assay.lookup.sides import load_side, side_of
from assay.report.compare import compare
from assay.store import Store
from tests.report.examples import draws, stored


def test_a_checkpoint_names_the_newest_completed_run_of_each_task(store: Store) -> None:
    first = stored(store, "a", draws(1), task="one")
    stored(store, "a", draws(2), task="two", status="failed")
    other = stored(store, "a", draws(3), task="three")
    assert {run.id for run in find_runs(store, "embedded:a")} == {first.id, other.id}
    assert [run.id for run in find_runs(store, other.id)] == [other.id]
    assert [run.id for run in find_runs(store, "embedded:a@one")] == [first.id]
    with pytest.raises(UnknownName):
        find_runs(store, "nobody")
    stored(store, "b", draws(1), status="failed")
    with pytest.raises(BadSpec, match="was completed"):
        find_runs(store, "embedded:b")


def test_a_training_run_names_its_checkpoints(store: Store) -> None:
    steps = [stored(store, f"s{i}", draws(i), step=i) for i in range(3)]
    stored(store, "s9", draws(9), step=9, status="failed")
    stored(store, "else", draws(4), step=1, training_run="else")
    assert {run.id for run in find_series(store, "train")} == {run.id for run in steps}
    with pytest.raises(BadSpec, match="No completed run"):
        find_series(store, "nothing")


def test_the_last_score_of_each_training_is_final(store: Store) -> None:
    runs = [stored(store, f"s{i}", [1.0] * i + [0.0] * (4 - i), step=i) for i in range(1, 4)]
    stored(store, "else", [1.0, 0.0], step=7, training_run="else")
    stored(store, "alone", [0.0, 0.0])
    assert sorted(final_scores(store, runs)["arithmetic"]) == [0.0, 0.5, 0.75]


def test_a_side_reads_nothing_before_it_is_compared(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [stored(store, name, draws(seed)) for seed, name in enumerate("ab")]
    reads: list[str] = []
    original = Store.score_columns

    def counted(self: Store, run_id: str, metric: str) -> object:
        reads.append(run_id)
        return original(self, run_id, metric)

    monkeypatch.setattr(Store, "score_columns", counted)
    sides = [side_of(store, [run]) for run in runs]
    assert reads == []
    compare(*sides)
    assert reads == [run.id for run in runs]


def test_a_side_of_the_store_knows_the_texts_behind_its_scores(store: Store) -> None:
    stored(store, "a", [0.0, 1.0, 1.0])
    (scored,) = load_side(store, "embedded:a").runs
    transcripts = scored.transcripts("exact", {"q0", "q2", "nothing"})
    assert sorted(transcripts) == ["q0", "q2"]
    assert transcripts["q0"].question.text == "What is 0 + 0?"
    assert (transcripts["q0"].sample.output, transcripts["q0"].score.value) == ("four", 0.0)
