"""What an evaluation will ask: its questions in shards, and the run as which it is recorded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

import anyio.to_thread

from assay.fingerprint import fingerprint
from assay.records import Run, Score, Stopped
from assay.spool import Chosen
from assay.store.store import Store
from harnesses.evaluation.job import Job
from harnesses.evaluation.provenance import provenance
from harnesses.evaluation.resources import Resources
from harnesses.evaluation.shards import Shard, random_shards, shards
from harnesses.evaluation.stopping import Watch, clusters_of
from tasks_lib.questions import Loaded, load

SHARD = 500
"""Samples in one shard: as a Prefect task, its share of the server's time stays below one in a hundred."""
SMALLEST = 16
"""Samples in the smallest shard of a run that may stop early."""
SHARDS_WATCHED = 2
"""Shards at once of such a run: what is in flight when the verdict is settled was asked in vain."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The questions of an evaluation, in shards, and its run as it is recorded before the first request."""

    job: Job
    loaded: Loaded
    run: Run
    identity: str
    """Hash of all that makes it this run; the same command finds the same run."""
    shards: tuple[Shard, ...]
    watch: Watch | None = None
    """The comparison that may stop the run early."""
    clusters: Mapping[str, str] = field(default_factory=dict)
    """Clusters of the questions that have one, where `watch` looks at them."""

    @property
    def expected(self) -> int:
        """Samples to draw."""
        return len(self.loaded.questions) * self.job.task.samples

    def stop(self, scored: Callable[[], tuple[int, Iterable[Score]]]) -> "Stop | None":
        """Whether the scores so far settle the comparison that the run was made for.

        `scored` gives the unbroken beginning of the shards, by its length, with its scores; it is not called
        for a run that nothing stops.
        """
        if self.watch is None:
            return None
        count, scores = scored()
        decision = self.watch.look(scores, clusters=self.clusters)
        if decision is None or not decision.settled or not decision.saved:
            return None
        return Stop(count, self.watch.stopped(decision))

    def beginning(self, stop: "Stop") -> "Plan":
        """The plan of the first shards alone, for a run that stopped after them."""
        beginning_shards = self.shards[: stop.shards]
        indexes = [index for shard in beginning_shards for index in shard.questions.indexes]
        loaded = replace(self.loaded, questions=Chosen(self.loaded.questions, indexes))
        run = self.run.model_copy(update={"stopped": stop.reason})
        return replace(self, shards=beginning_shards, loaded=loaded, run=run)


class Stop(NamedTuple):
    """Where a run stopped early, and why."""

    shards: int
    """How many shards, from the first, settled its comparison."""
    reason: Stopped


async def make_plan(job: Job, *, resources: Resources, flow_run: str | None) -> Plan:
    """Read the questions, check that the model can answer them, and record that the run has begun."""
    loaded = await anyio.to_thread.run_sync(lambda: load(job.task, limit=job.spec.limit))
    first = loaded.request(job.task, loaded.questions[0])
    await resources.lease.prove(job.scaffold.abilities(first))

    def planned() -> Plan:
        plan = _plan(job, loaded, resources=resources, flow_run=flow_run)
        return record(plan, store=resources.store)

    # In a thread, since other evaluations of the process go on meanwhile.
    return await anyio.to_thread.run_sync(planned)


def _plan(job: Job, loaded: Loaded, *, resources: Resources, flow_run: str | None) -> Plan:
    size = _watched_size(resources)
    watch = _watch(job, loaded, resources.store, size=size)
    run, identity = _run(job, loaded, resources=resources, watch=watch, flow_run=flow_run)
    samples = job.task.samples
    divided = (
        shards(loaded.questions, samples=samples, size=SHARD)
        if watch is None
        else random_shards(loaded.questions, samples=samples, size=size, seed=job.task.seed)
    )
    return Plan(
        job=job,
        loaded=loaded,
        run=run,
        identity=identity,
        shards=tuple(divided),
        watch=watch,
        clusters=clusters_of(loaded.questions) if watch else {},
    )


def record(plan: Plan, *, store: Store) -> Plan:
    """Record the run and its questions; returns the plan with the id that the run has in the store."""
    run = store.begin_run(plan.run, identity=plan.identity)
    store.save_questions(plan.loaded.task_fingerprint, plan.loaded.questions)
    store.keep_shards(run.id, [shard.name for shard in plan.shards])
    return replace(plan, run=run)


def _watch(job: Job, loaded: Loaded, store: Store, *, size: int) -> Watch | None:
    if job.spec.against is None:
        return None
    return Watch.of(
        store,
        job.spec.against,
        task=job.task.name,
        task_fingerprint=loaded.task_fingerprint,
        asked=[question.id for question in loaded.questions],
        every=max(1, size // job.task.samples),
    )


def _watched_size(resources: Resources) -> int:
    """Size of shards that fill the engine when `SHARDS_WATCHED` of them are generated at once."""
    return min(SHARD, max(SMALLEST, resources.lease.engine.limit.most // SHARDS_WATCHED))


def _run(
    job: Job, loaded: Loaded, *, resources: Resources, watch: Watch | None, flow_run: str | None
) -> tuple[Run, str]:
    """The run as it begins, and the hash of all that makes it this run."""
    checkpoint, spec, task = resources.lease.checkpoint, job.spec, job.task
    conditions = dict(resources.lease.provider.conditions)
    identity = fingerprint(
        [
            # Weights from which two training runs went on are a point of each.
            [checkpoint.fingerprint, checkpoint.training_run, checkpoint.step],
            loaded.task_fingerprint,
            job.harness_fingerprint,
            conditions,
            spec.limit,
            resources.nonce if spec.fresh else "",
            watch and watch.against.id,
        ]
    )
    run = Run(
        id=identity[:12],
        task=task.name,
        task_fingerprint=loaded.task_fingerprint,
        harness=job.harness.name,
        harness_fingerprint=job.harness_fingerprint,
        checkpoint=checkpoint,
        dataset_digest=loaded.dataset_digest,
        asked=loaded.asked(task),
        conditions=conditions,
        options=spec.overrides,
        limit=spec.limit,
        seed=task.seed,
        headline=task.headline.name,
        started=datetime.now(UTC),
        provenance=provenance(flow_run, command=spec.command),
    )
    return run, identity
