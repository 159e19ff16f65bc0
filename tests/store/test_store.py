"""What the store keeps, finds and refuses, alike in both databases."""

import pytest

from assay.errors import BadSpec, InvalidRecords, UnknownName
from assay.records import Counts, LogLikelihood, Message, Sample
from assay.store.quarantine import Quarantined
from assay.store.store import Store
from tests.store.examples import (
    CHECKPOINT,
    at_step,
    counted,
    make_questions,
    make_run,
    make_samples,
    make_score,
)


def test_a_run_is_read_back_as_it_was_begun(store: Store) -> None:
    run = make_run(conditions={"api": "chat"}, limit=7)
    assert store.begin_run(run, identity="one") == run
    assert store.run(run.id) == run


def test_an_updated_run_replaces_what_was_known(store: Store) -> None:
    begun = store.begin_run(make_run(status="running"), identity="one")
    store.update_run(begun.model_copy(update={"status": "failed", "problem": "no answer"}))
    assert (store.run(begun.id).status, store.run(begun.id).problem) == ("failed", "no answer")


def test_an_unknown_run_cannot_be_updated_or_removed(store: Store) -> None:
    with pytest.raises(UnknownName):
        store.update_run(make_run())
    with pytest.raises(UnknownName):
        store.remove_run("run-0001")


def test_the_same_identity_keeps_its_id(store: Store) -> None:
    store.begin_run(make_run("first-id"), identity="one")
    again = store.begin_run(make_run("second-id", status="running"), identity="one")
    assert again.id == "first-id"
    assert [(run.id, run.status) for run in store.runs()] == [("first-id", "running")]


def test_a_run_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    store.begin_run(make_run("abcd1234"), identity="one")
    assert store.run("abcd").id == "abcd1234"
    with pytest.raises(UnknownName):
        store.run("abc")


def test_a_beginning_that_several_ids_share_is_refused_with_the_ids(store: Store) -> None:
    for id_ in ("abcd1", "abcd2"):
        store.begin_run(make_run(id_), identity=id_)
    with pytest.raises(BadSpec) as refused:
        store.run("abcd")
    assert refused.value.ids == ("abcd1", "abcd2")


@pytest.mark.parametrize("separator", ["@", " ", " @ "])
def test_checkpoint_and_task_name_the_newest_completed_run(store: Store, separator: str) -> None:
    store.begin_run(make_run("older"), identity="one")
    store.begin_run(make_run("newer", minute=1), identity="two")
    store.begin_run(make_run("unfinished", minute=2, status="failed"), identity="three")
    assert store.run(f"{CHECKPOINT}{separator}arithmetic").id == "newer"


def test_an_unknown_reference_suggests_the_nearest(store: Store) -> None:
    store.begin_run(make_run(), identity="one")
    with pytest.raises(UnknownName, match=f"Did you mean {CHECKPOINT}@arithmetic"):
        store.run(f"{CHECKPOINT}@aritmetic")


def test_runs_that_have_nothing_to_do_with_it_are_not_suggested(store: Store) -> None:
    for number, id_ in enumerate(("3f2a91c07b5e", "7d10c4e8a2b6")):
        store.begin_run(make_run(id_, task=f"task{number}"), identity=id_)
    with pytest.raises(UnknownName, match=r"Did you mean 3f2a91c07b5e\?$"):
        store.run("3f2a91c07b4e")
    for ref in ("9b41f0d3c6a8", "3f", "nothing@arithmetic"):
        with pytest.raises(UnknownName, match="See `assay runs`") as caught:
            store.run(ref)
        assert "7d10" not in str(caught.value)


def test_runs_are_listed_newest_first_and_filtered(store: Store) -> None:
    store.begin_run(make_run("old"), identity="one")
    store.begin_run(make_run("new", minute=5, task="spelling"), identity="two")
    assert [run.id for run in store.runs()] == ["new", "old"]
    assert [run.id for run in store.runs(limit=1)] == ["new"]
    assert [run.id for run in store.runs(task="arithmetic")] == ["old"]
    assert len(store.runs(checkpoint=CHECKPOINT)) == 2
    assert store.runs(training_run="b") == []


def test_completed_runs_are_listed_over_the_steps_of_a_training_run(store: Store) -> None:
    for minute, (step, status) in enumerate(((100, "completed"), (300, "failed"), (200, "completed"))):
        run = make_run(f"step-{step}", minute=minute, checkpoint=at_step(step), status=status)
        store.begin_run(run, identity=run.id)
    aside = make_run("aside", checkpoint=at_step(400), task_fingerprint="other-print")
    store.begin_run(aside, identity=aside.id)
    found = store.runs_at_steps("a", task_fingerprints={"task-print"})
    assert [(one.id, one.step, one.limit) for one in found] == [
        ("step-200", 200, None),
        ("step-100", 100, None),
    ]
    assert store.runs_at_steps("b", task_fingerprints={"task-print"}) == []


def test_the_samples_of_one_shard_are_replaced_and_no_others(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    store.save_samples(run.id, "left", make_samples(["q1", "q0"]))
    store.save_samples(run.id, "right", make_samples(["q2"]))
    store.save_samples(run.id, "left", make_samples(["q1"], output="eight"))
    assert [(s.question_id, s.output) for s in store.samples(run.id)] == [("q1", "eight"), ("q2", "four")]
    assert [s.question_id for s in store.samples(run.id, shard="right")] == ["q2"]


def test_shards_that_are_not_kept_are_dropped(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    for shard, id_ in (("left", "q0"), ("right", "q1")):
        store.save_samples(run.id, shard, make_samples([id_]))
    store.keep_shards(run.id, {"right", "unknown"})
    assert (store.has_shard(run.id, "left"), store.has_shard(run.id, "right")) == (False, True)


def test_a_sample_is_read_back_with_everything_in_it(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    sample = Sample(
        question_id="q0", index=3, output="a NUL \x00, a DLE \x10, both \x10\x000, ünï 🜁",
        loglikelihoods=(LogLikelihood(logprob=-1.5, tokens=2, greedy=True),),
        messages=(Message.user("hello"),), prompt_tokens=1, completion_tokens=2, seconds=0.5, cached=True,
    )  # fmt: skip
    store.save_samples(run.id, "all", [sample])
    assert list(store.samples(run.id)) == [sample]


def test_scores_become_columns_with_what_the_store_knows_of_the_questions(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    store.save_questions(run.task_fingerprint, make_questions(3, cluster=True))
    scores = [make_score("q2", None), make_score("q0", 0.0, weight=2.0), make_score("q0", metric="other")]
    store.finish_run(run, scores)
    columns = store.score_columns(run.id, "exact")
    assert (columns.question_id, columns.value, columns.weight) == (["q0", "q2"], [0.0, None], [2.0, 1.0])
    assert (columns.digest, columns.cluster) == (["digest-0", "digest-2"], ["c0", "c1"])
    assert columns.status == ["scored", "failed"]
    assert [s.question_id for s in store.scores(run.id, metric="other")] == ["q0"]
    assert store.score_columns(run.id, "absent").question_id == []


def test_scores_of_questions_that_are_not_kept_are_refused_with_their_ids(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    store.finish_run(run, [make_score("stray")])
    with pytest.raises(InvalidRecords) as refused:
        store.score_columns(run.id, "exact")
    assert refused.value.ids == ("stray",)


def test_finishing_replaces_scores_and_quarantine(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    bad = Quarantined(kind="score", question_id="q0", reason="it is there twice", record={"value": 1})
    store.finish_run(run, [make_score("q0")], quarantined=[bad])
    assert store.quarantined(run.id) == [bad]
    store.finish_run(run, [make_score("q1")])
    assert store.quarantined(run.id) == []
    assert [s.question_id for s in store.scores(run.id)] == ["q1"]


def test_a_removed_run_takes_along_what_belongs_to_it(store: Store) -> None:
    run = store.begin_run(make_run(), identity="one")
    store.save_samples(run.id, "all", make_samples(["q0"]))
    store.finish_run(run, [make_score("q0")])
    store.remove_run(run.id)
    assert (list(store.samples(run.id)), store.scores(run.id), store.runs()) == ([], [], [])


def test_an_open_scope_is_reused_until_it_is_closed(store: Store) -> None:
    first = store.open_scope("endpoint")
    assert store.open_scope("endpoint") == first
    assert store.open_scope("other endpoint") != first
    store.close_scope("endpoint", first)
    assert store.open_scope("endpoint") != first


def test_questions_are_read_in_the_official_order(store: Store) -> None:
    questions = make_questions(11)
    store.save_questions("task", reversed(questions))
    store.save_questions("task", questions)
    assert list(store.questions("task").values()) == questions
    assert (store.has_questions("task"), store.has_questions("other")) == (True, False)


def test_a_question_whose_content_changed_is_refused_and_nothing_is_kept(store: Store) -> None:
    first, second = make_questions(2)
    store.save_questions("task", [first])
    with pytest.raises(InvalidRecords) as refused:
        store.save_questions("task", [second, first.model_copy(update={"digest": "changed"})])
    assert refused.value.ids == ("q0",)
    assert list(store.questions("task")) == ["q0"]


def test_a_batch_with_a_duplicate_is_refused_and_the_one_before_stays(store: Store) -> None:
    run = store.begin_run(make_run(counts=counted(1)), identity="one")
    store.finish_run(run, [make_score("q0")])
    with pytest.raises(InvalidRecords, match="kept none of it"):
        store.finish_run(run.model_copy(update={"task": "x"}), [make_score("q1"), make_score("q1")])
    assert [s.question_id for s in store.scores(run.id)] == ["q0"]
    assert store.run(run.id).task == "arithmetic"
    with pytest.raises(InvalidRecords):
        store.save_samples(run.id, "all", make_samples(["q0", "q0"]))
    assert not store.has_shard(run.id, "all")


@pytest.mark.parametrize(
    "changes",
    [
        {"value": float("nan")},
        {"value": float("inf")},
        {"weight": -1.0},
        {"weight": float("inf")},
        {"sample_index": -1},
        {"value": 1.0, "status": "failed"},
        {"value": None, "status": "scored"},
    ],
)
def test_a_score_that_makes_no_sense_is_refused(store: Store, changes: dict[str, float]) -> None:
    run = store.begin_run(make_run(), identity="one")
    with pytest.raises(InvalidRecords):
        store.finish_run(run, [make_score("q0", **{"value": 1.0, **changes})])
    assert store.scores(run.id) == []


def test_a_completed_run_whose_counts_do_not_add_up_is_refused(store: Store) -> None:
    with pytest.raises(InvalidRecords):
        store.begin_run(make_run(counts=Counts(expected=3, scored=2)), identity="one")
    assert store.runs() == []


def test_samples_of_an_unknown_run_are_refused(store: Store) -> None:
    with pytest.raises(InvalidRecords):
        store.save_samples("nowhere", "all", make_samples(["q0"]))


def test_a_comparison_is_kept_in_the_place_of_the_one_before(store: Store) -> None:
    store.save_comparison("abc", "one", "two", {"delta": 0.5})
    store.save_comparison("abc", "one", "two", {"delta": None, "tasks": ["x"]})
    assert store.comparison("abc") == {"delta": None, "tasks": ["x"]}
    with pytest.raises(UnknownName, match="abc"):
        store.comparison("abd")


def test_a_store_opened_again_holds_what_was_kept(url: str) -> None:
    with Store.open(url) as first:
        first.begin_run(make_run(), identity="one")
    with Store.open(url) as second:
        assert [run.id for run in second.runs()] == ["run-0001"]
