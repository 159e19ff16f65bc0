"""Draw the samples of a shard: one request each, or conversations with tools in a sandbox."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import anyio.to_thread

from assay.errors import AssayError, ExtensionFailed
from assay.extensions import described
from assay.records import Failure, Sample
from assay.store.outage import outlasting
from harnesses.engine.engine import Engine
from harnesses.evaluation.executor import ShardIncomplete
from harnesses.evaluation.plan import Plan
from harnesses.evaluation.progress import Progress
from harnesses.evaluation.resources import Resources
from harnesses.evaluation.shards import Shard, sample_requests
from harnesses.scaffolds.protocol import SampleRequest, Scaffold, draws_batches
from sandbox.protocol import Leases, Sandbox

CONVERSATIONS = 32
"""Conversations of a shard that are held at once; each may lease a sandbox."""


async def generate_shard(
    plan: Plan, shard: Shard, *, resources: Resources, progress: Progress
) -> list[Sample]:
    """Draw and store the samples of a shard; raises ShardIncomplete where some failed."""
    progress.done_by_shard[shard.name] = 0
    samples: list[Sample] = []
    items = list(sample_requests(plan.job.task, plan.loaded, shard))
    sampled = draw(plan.job.scaffold, items, engine=resources.lease.engine, pool=resources.pool)
    async for sample in sampled:
        samples.append(sample)
        progress.done_by_shard[shard.name] += 1
        progress.failed += sample.failure is not None
        progress.requested += not sample.cached
    save = outlasting(resources.store.save_samples)
    await anyio.to_thread.run_sync(save, plan.run.id, shard.name, samples)
    failures = [sample.failure for sample in samples if sample.failure is not None]
    if failures:
        progress.failed -= len(failures)
        raise ShardIncomplete(
            f"{len(failures)} of {len(samples)} samples failed, the first with: {failures[0].message}"
        )
    return samples


async def draw(
    scaffold: Scaffold, items: Sequence[SampleRequest], *, engine: Engine, pool: Leases | None
) -> AsyncIterator[Sample]:
    """Yield samples as they are drawn; one that failed carries its failure. Raises EndpointRefused."""
    if draws_batches(scaffold):
        sampled = scaffold.solve_all(items, engine=engine)
    else:
        sampled = _one_by_one(scaffold, items, engine=engine, pool=pool)
    async for sample in sampled:
        yield sample


async def _one_by_one(
    scaffold: Scaffold, items: Sequence[SampleRequest], *, engine: Engine, pool: Leases | None
) -> AsyncIterator[Sample]:
    room = asyncio.Semaphore(CONVERSATIONS)

    async def solve(item: SampleRequest) -> Sample:
        async with room:
            if not scaffold.needs or pool is None:
                return await _solved(scaffold, item, engine=engine, sandbox=None)
            async with pool.lease() as sandbox:
                return await _solved(scaffold, item, engine=engine, sandbox=sandbox)

    solving = [asyncio.create_task(solve(item)) for item in items]
    try:
        for solved in asyncio.as_completed(solving):
            yield await solved
    finally:
        for task in solving:
            task.cancel()
        await asyncio.gather(*solving, return_exceptions=True)


async def _solved(
    scaffold: Scaffold, item: SampleRequest, *, engine: Engine, sandbox: Sandbox | None
) -> Sample:
    """Draw a sample; an exception of the scaffold's own fails it, and names the line."""
    try:
        try:
            return await scaffold.solve(item, model=engine, sandbox=sandbox)
        except AssayError:
            raise
        except Exception as error:
            raise ExtensionFailed(
                f"The scaffold {type(scaffold).__name__!r} raised {described(error)} on question "
                f"{item.question.id!r}."
            ) from error
    except ExtensionFailed as error:
        failure = Failure(kind="scaffold", message=str(error))
        return Sample(question_id=item.question.id, index=item.index, failure=failure)
