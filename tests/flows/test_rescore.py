"""Stored answers are scored by another variant, and never taken for answers to another prompt."""

from pathlib import Path

import orjson
import pytest

from assay.errors import TaskChanged, UsageError
from assay.records import Checkpoint, Run, Sample
from assay.store import Store
from harnesses.evaluation.rescore import rescore
from tasks_lib.questions import load
from tasks_lib.spec import resolve_task
from tests.store.examples import make_run

pytestmark = pytest.mark.anyio
TASK = "demo_words"


@pytest.fixture
def store(contracts_process: None) -> Store:
    return Store.open()


def answered(store: Store, *, options: dict[str, str] | None = None, right: int = 30) -> Run:
    """A completed run whose first answers are right, with a word before each."""
    task = resolve_task(TASK, options or {})
    loaded = load(task)
    run = make_run(
        task=task.name,
        task_fingerprint=loaded.task_fingerprint,
        dataset_digest=loaded.dataset_digest,
        asked=loaded.asked(task),
        options=options or {},
        checkpoint=Checkpoint(name="embedded:x", fingerprint="x"),
    )
    store.begin_run(run, identity=run.id)
    store.save_questions(loaded.task_fingerprint, loaded.questions)
    store.save_samples(
        run.id,
        "0",
        [
            Sample(question_id=q.id, output=str(q.target) if place < right else "?")
            for place, q in enumerate(loaded.questions)
        ],
    )
    return run


async def test_the_same_task_gives_a_run_that_compares_with_those_that_were_asked(store: Store) -> None:
    run = answered(store)
    again = await rescore(store, run)
    assert again.id != run.id
    assert again.rescored_from == run.id
    assert again.task_fingerprint == run.task_fingerprint
    assert again.requested == 0
    value = again.metrics["accuracy"].value
    assert value is not None
    assert value == pytest.approx(30 / again.counts.expected)
    assert len(store.scores(again.id, metric="accuracy")) == again.counts.expected


async def test_answers_to_other_prompts_have_a_fingerprint_of_their_own(store: Store) -> None:
    run = answered(store)
    other = load(resolve_task(TASK, {"max_tokens": "3"}))
    again = await rescore(store, run, overrides={"max_tokens": "3"})
    assert again.task_fingerprint not in {run.task_fingerprint, other.task_fingerprint}
    assert again.options == {"max_tokens": "3"}


async def test_options_of_the_run_hold_unless_they_are_changed(store: Store) -> None:
    run = answered(store, options={"max_tokens": "3"})
    again = await rescore(store, run)
    assert again.task_fingerprint == run.task_fingerprint


async def test_other_questions_are_refused(store: Store) -> None:
    run = answered(store)
    with pytest.raises(TaskChanged, match="not those that run"):
        await rescore(store, run, spec="demo_letters")


async def test_texts_are_not_scored_as_likelihoods(store: Store) -> None:
    run = answered(store)
    with pytest.raises(UsageError, match=r"holds texts, and .* scores log-likelihoods"):
        await rescore(store, run, spec=f"{TASK}:bpb")


async def test_a_changed_data_set_is_refused(store: Store, tmp_path: Path) -> None:
    run = answered(store)
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(orjson.dumps({"id": "n", "text": "new", "answer": "new"}) + b"\n")
    with pytest.raises(TaskChanged):
        await rescore(store, run, overrides={"source": str(rows)})
