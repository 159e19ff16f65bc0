"""An evaluation from its questions to its stored run: plan, generate and score by shards, check, persist.

Every step is a function of values; the executor decides how it is called. Flows, the Python front door and
the benchmarks all run this pipeline.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import anyio.to_thread

from assay.errors import StoreError
from assay.records import Run
from assay.store.contract import scores as contract
from assay.store.store import Store
from harnesses.evaluation.answering import Answering
from harnesses.evaluation.check import check_run
from harnesses.evaluation.collection import look_seldom
from harnesses.evaluation.executor import Executor, LocalExecutor, Step
from harnesses.evaluation.job import Job
from harnesses.evaluation.plan import Plan, make_plan
from harnesses.evaluation.progress import Progress, on_board
from harnesses.evaluation.resources import Resources, open_resources
from harnesses.evaluation.summarise import finish
from sandbox import planner
from sandbox.pool import Pool


async def evaluate(job: Job, *, executor: Executor | None = None, progress: Progress | None = None) -> Run:
    """Evaluate a job; returns its run as it is stored, whether completed or failed.

    What is finished when an error or a cancellation ends it stays, and the same job does not do it again.
    Raises UsageError, DataError, ProviderError, SandboxUnavailable and StoreError.
    """
    look_seldom()
    executor = executor or LocalExecutor()
    progress = progress or Progress(job.spec.title)
    with on_board(progress):
        async with open_resources(job, executor=executor) as resources:
            progress.engine = resources.lease.engine
            load = partial(make_plan, job, resources=resources, flow_run=executor.flow_run)
            plan = await executor.run(Step(name="load questions"), load)
            progress.expected = plan.expected
            with _end_recorded(plan.run, store=resources.store):
                return await _carry_out(plan, resources=resources, executor=executor, progress=progress)


async def _carry_out(plan: Plan, *, resources: Resources, executor: Executor, progress: Progress) -> Run:
    contract.load()
    async with _sandboxed(plan, resources=resources, executor=executor) as sandboxed:
        answering = Answering(plan=plan, resources=sandboxed, executor=executor, progress=progress)
        plan, scores = await answering.run()
    progress.expected = plan.expected
    check = partial(anyio.to_thread.run_sync, check_run, plan, scores)
    checked = await executor.run(Step(name="validate records", run=plan.run.id), check)
    persist = partial(finish, plan, checked, resources=resources, progress=progress)
    return await executor.run(
        Step(name="persist", run=plan.run.id), partial(anyio.to_thread.run_sync, persist)
    )


@asynccontextmanager
async def _sandboxed(plan: Plan, *, resources: Resources, executor: Executor) -> AsyncIterator[Resources]:
    """Add sandboxes to the resources where scorers or tools need any; they start while the model answers."""
    job = plan.job
    choose = partial(
        planner.plan,
        job.needs,
        preferred=job.harness.sandbox.backend,
        image=job.harness.sandbox.image,
        allow_unsafe=job.spec.unsafe_local,
    )
    sandbox_plan = await executor.run(Step(name="plan sandbox", run=plan.run.id), choose)
    if sandbox_plan.backend is None:
        yield resources
        return
    async with Pool(sandbox_plan) as pool:
        await executor.run(Step(name="start sandbox", run=plan.run.id), pool.warm)
        yield replace(resources, pool=pool)


@contextmanager
def _end_recorded(run: Run, *, store: Store) -> Iterator[None]:
    """Record why a run ended without a result."""
    try:
        yield
    except BaseException as error:
        cancelled = isinstance(error, asyncio.CancelledError | KeyboardInterrupt)
        changes = {
            "status": "cancelled" if cancelled else "failed",
            "problem": "Interrupted." if cancelled else str(error),
            "ended": datetime.now(UTC),
        }
        # What cannot be recorded must not hide what went wrong.
        with suppress(StoreError):
            store.update_run(run.model_copy(update=changes))
        raise
