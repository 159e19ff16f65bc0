"""The steps of an evaluation, functions of its workspace; `flows.evaluate` makes them Prefect tasks."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import anyio.to_thread

from assay.batching import batched
from assay.errors import ProviderError, StoreError
from assay.fingerprint import fingerprint
from assay.records import LimitChange, Run, Sample
from assay.spool import Chosen
from assay.store.outage import outlasting
from flows.workspace import Workspace
from harnesses.draw import draw
from harnesses.evaluation.contract import PART, Part, check
from harnesses.evaluation.provenance import provenance
from harnesses.evaluation.stopping import Watch, clusters_of
from harnesses.providers.protocol import Ability
from harnesses.work import Shard, random_shards, shards, works
from sandbox.planner import Plan, plan
from sandbox.pool import Pool
from tasks_lib.questions import load
from tasks_lib.scoring import score_sample, score_text
from tasks_lib.summary import summarise

SHARD = 500
"""Samples in one Prefect task run: its share of the server's time stays below one in a hundred."""

SMALLEST, SHARDS_WATCHED = 16, 2
"""Of a run that may stop early: the least samples in a shard, and shards at once."""


class ShardIncomplete(ProviderError):
    """Raise when samples of a shard failed; they are recorded, and the shard may be tried again."""

    retryable = True


async def begin(work: Workspace) -> int:
    """Read the questions and record that the run has begun; returns how many there are."""
    loaded = work.loaded = await anyio.to_thread.run_sync(lambda: load(work.task, limit=work.spec.limit))
    await work.lease.prove(_abilities(work))
    conditions = dict(work.lease.provider.conditions)
    work.watch = _watch(work)
    work.clusters = clusters_of(loaded.questions) if work.watch else {}
    checkpoint = work.lease.checkpoint
    parts = [
        # Weights that two training runs share, where one branched off, are a point of each.
        [checkpoint.fingerprint, checkpoint.training_run, checkpoint.step],
        loaded.task_fingerprint,
        work.harness.fingerprint,
        conditions,
        work.spec.limit,
        work.nonce if work.spec.fresh else "",
        work.watch and work.watch.against.id,
    ]
    identity = fingerprint(parts)
    run = Run(
        id=identity[:12],
        task=work.task.name,
        task_fingerprint=loaded.task_fingerprint,
        harness=work.harness.name,
        harness_fingerprint=work.harness.fingerprint,
        checkpoint=checkpoint,
        dataset_digest=loaded.dataset_digest,
        asked=loaded.asked(work.task),
        conditions=conditions,
        options=work.spec.overrides,
        limit=work.spec.limit,
        seed=work.task.seed,
        headline=work.task.headline.name,
        started=datetime.now(UTC),
        provenance=provenance(work.key, command=work.spec.command),
    )
    await anyio.to_thread.run_sync(_record, work, run, identity)
    work.expected = len(loaded.questions) * work.task.samples
    return len(loaded.questions)


def _record(work: Workspace, run: Run, identity: str) -> None:
    """Record the run and its questions, and cut these; in a thread, for other runs go on meanwhile."""
    work.run = work.store.begin_run(run, identity=identity)
    work.store.save_questions(work.loaded.task_fingerprint, work.loaded.questions)
    work.shards = _shards(work)
    work.store.keep_shards(work.run.id, [shard.name for shard in work.shards])


def _watch(work: Workspace) -> Watch | None:
    if work.spec.against is None:
        return None
    return Watch.of(
        work.store,
        work.spec.against,
        task=work.task.name,
        task_fingerprint=work.loaded.task_fingerprint,
        asked=[question.id for question in work.loaded.questions],
        every=max(1, _watched_size(work) // work.task.samples),
    )


def _shards(work: Workspace) -> list[Shard]:
    asked, samples = work.loaded.questions, work.task.samples
    if work.watch is None:
        return shards(asked, samples=samples, size=SHARD)
    return random_shards(asked, samples=samples, size=_watched_size(work), seed=work.task.seed)


def _watched_size(work: Workspace) -> int:
    """Let two shards fill the engine: what is in flight when the verdict is settled is asked in vain."""
    return min(SHARD, max(SMALLEST, work.lease.engine.limit.most // SHARDS_WATCHED))


def _abilities(work: Workspace) -> list[Ability]:
    """List what this evaluation will ask of the provider."""
    if work.harness.scaffold == "tool_loop":
        return ["generate", "tools"]
    return [work.loaded.request(work.task, work.loaded.questions[0]).kind]


async def plan_pool(work: Workspace) -> Plan:
    """Decide from the capabilities of scorers and tools whether and where a sandbox is needed."""
    chosen = await plan(
        work.needs, preferred=work.harness.sandbox.backend, image=work.harness.sandbox.image,
        allow_unsafe=work.spec.unsafe_local,
    )  # fmt: skip
    if chosen.backend is not None:
        work.pool = await work.stack.enter_async_context(Pool(chosen))
    return chosen


def has_samples(work: Workspace, number: int) -> bool:
    """Say whether the samples of a shard are in the store."""
    return work.store.has_shard(work.run.id, work.shards[number].name)


async def generate_shard(work: Workspace, number: int) -> int:
    """Draw and store the samples of a shard; raises ShardIncomplete when some failed."""
    shard = work.shards[number]
    samples: list[Sample] = []
    drawn = draw(
        works(work.task, work.loaded, shard), harness=work.harness, engine=work.lease.engine, pool=work.pool
    )
    async for sample in drawn:
        samples.append(sample)
        work.done += 1
        work.failed += sample.failure is not None
        work.requested += not sample.cached
    save = outlasting(work.store.save_samples)
    await anyio.to_thread.run_sync(save, work.run.id, shard.name, samples)
    failed = [s for s in samples if s.failure is not None]
    if failed:
        work.done -= len(samples)
        work.failed -= len(failed)
        assert failed[0].failure is not None
        raise ShardIncomplete(
            f"{len(failed)} of {len(samples)} samples failed, the first with: {failed[0].failure.message}"
        )
    return len(samples)


async def score_shard(work: Workspace, number: int) -> int:
    """Score the samples of a shard, where needed in the sandbox; returns how many there are."""
    shard = work.shards[number]
    read = outlasting(lambda: list(work.store.samples(work.run.id, shard=shard.name)))
    samples = await anyio.to_thread.run_sync(read)
    work.prompt_tokens += sum(sample.prompt_tokens or 0 for sample in samples)
    work.completion_tokens += sum(sample.completion_tokens or 0 for sample in samples)
    questions = {q.id: q for q in shard.questions}
    if work.task.needs:
        scored = await asyncio.gather(
            *(score_sample(work.task, questions[s.question_id], s, pool=work.pool) for s in samples)
        )
    else:
        scored = [score_text(work.task, questions[s.question_id], s) for s in samples]
    work.scored[number] = work.scores.extend(chain.from_iterable(scored))
    look(work)
    return len(samples)


def look(work: Workspace) -> None:
    """Stop asking where the unbroken beginning of the random order settles the comparison."""
    if work.watch is None or work.stopped is not None:
        return
    ready = next((n for n in range(len(work.shards)) if n not in work.scored), len(work.shards))
    decision = work.watch.look(work.scores_of(range(ready)), clusters=work.clusters)
    if decision is None or not decision.settled or not decision.saved:
        return
    work.stopped = work.watch.stopped(decision)
    work.kept = ready


def keep_beginning(work: Workspace) -> None:
    """Narrow a run that stopped to what it stopped on; answers that came after stay in the response log."""
    if work.stopped is None:
        return
    work.shards = work.shards[: work.kept]
    asked = [place for shard in work.shards for place in shard.questions.places]
    work.loaded = replace(work.loaded, questions=Chosen(work.loaded.questions, asked))
    work.expected = len(asked) * work.task.samples
    work.store.keep_shards(work.run.id, [shard.name for shard in work.shards])


async def validate(work: Workspace) -> int:
    """Check all scores against the contract of a batch; what does not pass is put into quarantine."""
    checked = await anyio.to_thread.run_sync(lambda: check(_parts(work), metrics=work.task.metrics))
    work.passed, work.quarantined = checked
    return len(work.quarantined)


def _parts(work: Workspace) -> Iterator[Part]:
    largest = len(work.shards[0].questions) * work.task.samples
    for numbers in batched(range(len(work.shards)), size=max(1, PART // largest)):
        asked = [question.id for number in numbers for question in work.shards[number].questions]
        yield Part(list(work.scores_of(numbers)), asked, len(asked) * work.task.samples)


async def finish(work: Workspace) -> Run:
    """Summarise and store scores, quarantine and run in one transaction."""
    await anyio.to_thread.run_sync(_finish, work)
    return work.run


def _finish(work: Workspace) -> None:
    metrics, counts = summarise(work.task, work.loaded.questions, work.passed, expected=work.expected)
    ended = datetime.now(UTC)
    problem = _problem(work, failed=counts.failed)
    work.run = work.run.model_copy(
        update={
            "status": "invalid" if work.quarantined else "failed" if problem else "completed",
            "metrics": metrics,
            "counts": counts,
            "ended": ended,
            "seconds": (ended - work.run.started).total_seconds(),
            "problem": problem,
            "stopped": work.stopped,
            "prompt_tokens": work.prompt_tokens,
            "completion_tokens": work.completion_tokens,
            "requested": work.requested,
            "limits": _limits(work, (ended - work.run.started).total_seconds()),
        }
    )
    outlasting(work.store.finish_run)(work.run, work.passed, quarantined=work.quarantined)
    if work.run.status == "completed" and not work.spec.nonce:
        work.store.close_scope(work.spec.scope, work.nonce)


def _limits(work: Workspace, seconds: float) -> tuple[LimitChange, ...]:
    """Tell what became of the limit while this run asked; the engine may be that of other runs too."""
    return work.lease.engine.limit.lately(seconds) if work.requested else ()


def _problem(work: Workspace, *, failed: int) -> str | None:
    if work.quarantined:
        return f"{len(work.quarantined)} records did not pass their contract and are in quarantine."
    if failed > work.spec.max_failed:
        why = next((score.explanation for score in work.passed if score.status == "failed"), None)
        first = f" The first: {why}" if why else ""
        return f"{failed} of {work.expected} samples failed; the same command asks for these again.{first}"
    return None


def abandon(work: Workspace, error: BaseException) -> None:
    """Record why a run stopped; what it has finished stays and is not done again."""
    cancelled = isinstance(error, asyncio.CancelledError | KeyboardInterrupt)
    run = work.run.model_copy(
        update={
            "status": "cancelled" if cancelled else "failed",
            "problem": "Interrupted." if cancelled else str(error),
            "ended": datetime.now(UTC),
        }
    )
    # What cannot be recorded must not hide what went wrong.
    with suppress(StoreError):
        work.store.update_run(run)
