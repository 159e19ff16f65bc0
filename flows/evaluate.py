"""Evaluate one checkpoint, task and harness: load, plan, generate and score by shards, persist."""

import asyncio
from collections.abc import Mapping
from typing import Any

from prefect import flow, task
from prefect.client.schemas import State
from prefect.context import TaskRunContext
from prefect.runtime import flow_run

from assay.errors import RunFailed
from assay.records import Run
from assay.store.contract import scores as contracts
from flows import artifacts, steps
from flows.workspace import ACTIVE, Workspace, workspace
from harnesses.evaluation.spec import Spec

SHARDS_AT_ONCE = 4
"""Enough to keep the engine busy while others are scored; bounds what is held in memory."""


@flow(name="evaluate", flow_run_name="{spec.title}")
async def evaluate(spec: Spec) -> str:
    """Evaluate one checkpoint on one task under one harness; returns the run's id."""
    async with workspace(spec, key=str(flow_run.get_id())) as work:
        await load_questions(work.key)
        try:
            async with artifacts.progress(work):
                await _generate_and_score(work)
            await validate_records(work.key)
            await persist(work.key)
        except BaseException as error:
            steps.abandon(work, error)
            raise
        await summarise(work.key)
        return accept(work.run)


def accept(run: Run) -> str:
    """Return the id of a run that may be used; raises RunFailed."""
    if run.status != "completed":
        raise RunFailed(f"Run {run.id} of {run.task} is {run.status}: {run.problem}", run=run.id)
    return run.id


async def _generate_and_score(work: Workspace) -> None:
    contracts.load()
    if await plan_sandbox(work.key):
        await start_sandbox(work.key)
    room = asyncio.Semaphore(SHARDS_AT_ONCE if work.watch is None else steps.SHARDS_WATCHED)

    async def shard(number: int) -> None:
        async with room:
            if work.stopped is not None:
                return
            await _generate(work, number)
            await score.with_options(task_run_name=f"score {number}")(work.key, number)

    await asyncio.gather(*(shard(number) for number in range(len(work.shards))))
    steps.keep_beginning(work)


async def _generate(work: Workspace, number: int) -> None:
    """Run the task of a shard; samples that failed are on record and leave the rest to be scored."""
    shard_task = generate.with_options(refresh_cache=not steps.has_samples(work, number))
    state: State[int] = await shard_task(  # type: ignore[misc]
        work.key, number, work.run.id, work.shards[number].name, return_state=True
    )
    try:
        drawn = await state.aresult()
    except steps.ShardIncomplete:
        return
    if state.name == "Cached":
        work.done += drawn


def _shard_key(context: TaskRunContext, parameters: Mapping[str, Any]) -> str:
    return f"assay-generate-{parameters['run_id']}-{parameters['shard']}"


def _worth_retrying(task_: object, task_run: object, state: Any) -> bool:
    return isinstance(state.data, steps.ShardIncomplete)


@task(name="load questions", task_run_name="load questions")
async def load_questions(key: str) -> int:
    """Read the questions, and record that the run has begun."""
    return await steps.begin(ACTIVE[key])


@task(name="plan sandbox", task_run_name="plan sandbox")
async def plan_sandbox(key: str) -> str | None:
    """Choose where code will run, from what scorers and tools need; None where nothing does."""
    backend = (await steps.plan_pool(ACTIVE[key])).backend
    return None if backend is None else backend.name


@task(name="start sandbox", task_run_name="start sandbox")
async def start_sandbox(key: str) -> None:
    """Begin to start the sandbox while the model generates."""
    pool = ACTIVE[key].pool
    assert pool is not None
    await pool.warm()


@task(
    name="generate",
    task_run_name="generate {number}",
    retries=1,
    retry_delay_seconds=2,
    retry_condition_fn=_worth_retrying,
    cache_key_fn=_shard_key,
    persist_result=True,
    result_serializer="json",
)
async def generate(key: str, number: int, run_id: str, shard: str) -> int:
    """Draw the samples of a shard; finished requests are found in the response log."""
    return await steps.generate_shard(ACTIVE[key], number)


@task(name="score", task_run_name="score {number}")
async def score(key: str, number: int) -> int:
    """Score the samples of a shard."""
    return await steps.score_shard(ACTIVE[key], number)


@task(name="validate records", task_run_name="validate records")
async def validate_records(key: str) -> int:
    """Check the scores against the contract of a batch; returns how many are in quarantine."""
    return await steps.validate(ACTIVE[key])


@task(name="persist", task_run_name="persist")
async def persist(key: str) -> str:
    """Store scores and summary in one transaction."""
    return (await steps.finish(ACTIVE[key])).id


@task(name="summarise", task_run_name="summarise")
async def summarise(key: str) -> None:
    """Leave a table of scores with their errors in the Prefect UI."""
    await artifacts.leave_scores([ACTIVE[key].run])
