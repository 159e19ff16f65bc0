"""A run stops on the unbroken beginning of its random order, and only on whole answers."""

from collections.abc import Sequence
from typing import cast

import pytest

from assay.errors import TaskChanged, UsageError
from assay.records import MetricSummary, Run
from assay.stats.stopping import Stopping
from assay.store import Store
from harnesses.evaluation.job import make_job
from harnesses.evaluation.plan import Plan
from harnesses.evaluation.score import ShardScores
from harnesses.evaluation.shards import random_shards
from harnesses.evaluation.spec import Spec
from harnesses.evaluation.stopping import Watch
from tasks_lib.questions import Loaded
from tests.store.examples import make_questions, make_run, make_score

N = 400
IDS = [f"q{i}" for i in range(N)]


@pytest.fixture
def store() -> Store:
    return Store.open()


def baseline(store: Store, values: Sequence[float | None], **changes: object) -> Run:
    summary = MetricSummary(value=0.0, n=len(values), margin=0.01)
    run = make_run(metrics={"exact": summary}, **changes)
    store.begin_run(run, identity=run.id)
    store.save_questions(run.task_fingerprint, make_questions(N))
    scores = [make_score(f"q{i}", value) for i, value in enumerate(values)]
    store.finish_run(run, scores)
    return run


def watch(store: Store, run: Run, *, asked: Sequence[str] = IDS) -> Watch:
    return Watch.of(store, run.id, task=run.task, task_fingerprint=run.task_fingerprint, asked=asked)


def test_a_large_difference_is_settled_early(store: Store) -> None:
    found = watch(store, baseline(store, [0.0] * N))
    decision = found.look([make_score(f"q{i}", 1.0) for i in range(40)], clusters={})
    assert decision is not None
    assert (decision.settled, decision.verdict, decision.questions) == (True, "improved", 40)
    assert found.stopped(decision).saved == N - 40


def test_lower_is_better_turns_the_verdict(store: Store) -> None:
    run = baseline(store, [0.0] * N)
    summary = run.metrics["exact"].model_copy(update={"lower_is_better": True})
    store.update_run(run.model_copy(update={"metrics": {"exact": summary}}))
    decision = watch(store, run).look([make_score(f"q{i}", 1.0) for i in range(40)], clusters={})
    assert decision is not None
    assert decision.verdict == "regressed"


def test_a_failure_settles_nothing(store: Store) -> None:
    found = watch(store, baseline(store, [0.0] * N))
    scores = [make_score(f"q{i}", 1.0 if i else None) for i in range(40)]
    assert found.look(scores, clusters={}) is None


def test_a_baseline_without_some_answers_is_refused(store: Store) -> None:
    run = baseline(store, [0.0] * (N - 2) + [None])
    with pytest.raises(UsageError, match=r"no score of 2 of the questions: q398, q399"):
        watch(store, run)


def test_a_baseline_of_another_definition_is_refused(store: Store) -> None:
    run = baseline(store, [0.0] * N)
    with pytest.raises(TaskChanged, match="another definition"):
        Watch.of(store, run.id, task=run.task, task_fingerprint="other", asked=IDS)


def test_a_baseline_of_another_task_is_refused(store: Store) -> None:
    run = baseline(store, [0.0] * N)
    with pytest.raises(UsageError, match="no completed run of 'sums'"):
        Watch.of(store, run.id, task="sums", task_fingerprint=run.task_fingerprint, asked=IDS)


def test_random_shards_are_the_fixed_shuffle() -> None:
    questions = make_questions(50)
    cut = random_shards(questions, samples=1, size=20, seed=7)
    again = random_shards(list(reversed(questions)), samples=1, size=20, seed=7)
    assert [len(shard.questions) for shard in cut] == [20, 20, 10]
    assert [shard.name for shard in cut] == [shard.name for shard in again]
    assert [q.id for shard in cut for q in shard.questions] != [q.id for q in questions]


def planned(store: Store) -> Plan:
    """A run of 400 questions whose baseline got all of them wrong."""
    run = baseline(store, [0.0] * N)
    return Plan(
        job=make_job(Spec(checkpoint="replay:none", task="demo_words")),
        loaded=cast("Loaded", None),
        run=run,
        identity=run.id,
        shards=tuple(random_shards(make_questions(N), samples=1, size=40, seed=7)),
        watch=watch(store, run),
    )


def test_shards_that_overtook_others_wait(store: Store) -> None:
    plan, scores = planned(store), ShardScores()
    wins = [[make_score(q.id, 1.0) for q in shard.questions] for shard in plan.shards]
    scores.add(1, wins[1])
    assert plan.stop(scores.unbroken) is None
    scores.add(0, wins[0])
    stop = plan.stop(scores.unbroken)
    assert stop is not None
    assert stop.shards == 2


def test_the_design_is_that_of_the_whole_set(store: Store) -> None:
    assert watch(store, baseline(store, [0.0] * N)).design == Stopping(total=N, margin=0.01)
