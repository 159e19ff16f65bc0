"""The flow that evaluates one checkpoint on one task: the pipeline, each of its steps a Prefect task."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.runtime import flow_run

from assay.errors import RunFailed
from assay.records import Run
from flows import artifacts
from flows.marks import marked
from flows.pacing import find_pace
from harnesses.evaluation import pipeline
from harnesses.evaluation.executor import RETRY_SECONDS, Admit, ShardIncomplete, Step
from harnesses.evaluation.job import Job, make_job
from harnesses.evaluation.progress import Progress
from harnesses.evaluation.spec import Spec

T = TypeVar("T")


@flow(name="evaluate", flow_run_name="{spec.title}")
async def evaluate(spec: Spec) -> str:
    """Evaluate one checkpoint on one task under one harness; returns the run's id."""
    job = make_job(spec)
    return accept(await _evaluate(job, progress=Progress(spec.title)))


async def evaluate_job(job: Job, *, progress: Progress) -> Run:
    """Evaluate a job, whose values stay in this process, as a flow run of its own."""

    @flow(name="evaluate", flow_run_name="{spec.title}")
    async def evaluate(spec: Spec) -> str:
        runs.append(await _evaluate(job, progress=progress))
        return accept(runs[0])

    runs: list[Run] = []
    # A run whose samples failed is a result; its flow run is Failed all the same.
    with suppress(RunFailed):
        await evaluate(job.spec)
    return runs[0]


async def _evaluate(job: Job, *, progress: Progress) -> Run:
    """Run the pipeline inside a flow, and leave its progress and its scores in the Prefect UI."""
    with marked():
        return await _run(job, progress=progress)


async def _run(job: Job, *, progress: Progress) -> Run:
    executor = PrefectExecutor()
    async with artifacts.progress(progress):
        run = await pipeline.evaluate(job, executor=executor, progress=progress)
    await executor.run(Step(name="summarise", run=run.id), partial(artifacts.leave_scores, [run]))
    return run


def accept(run: Run) -> str:
    """Return the id of a run that may be used; raises RunFailed."""
    if run.status != "completed":
        raise RunFailed(f"Run {run.id} of {run.task} is {run.status}: {run.problem}", run=run.id)
    return run.id


class PrefectExecutor:
    """Runs the steps as Prefect tasks, whose arguments are ids: values stay in this process."""

    def __init__(self) -> None:
        self.flow_run: str | None = str(flow_run.get_id())

    async def run(self, step: Step, work: Callable[[], Awaitable[T]]) -> T:
        """Run a step as a task of the current flow run."""
        label = step.name if step.number is None else f"{step.name} {step.number}"

        async def call(run: str, shard: str) -> T:
            return await work()

        as_task = task(name=step.name, task_run_name=label, **_options(step))(call)
        result: T = await as_task(step.run, step.shard)
        return result

    async def rate_limit(self, name: str) -> Admit:
        """Find a global concurrency limit of the Prefect server."""
        return (await find_pace(name)).admit


def _options(step: Step) -> dict[str, Any]:
    """Options of a step's task; only generating is retried, and reused where its samples are stored."""
    if step.name != "generate":
        return {"cache_policy": NO_CACHE}
    return {
        "retries": 1,
        "retry_delay_seconds": RETRY_SECONDS,
        "retry_condition_fn": _is_incomplete,
        "cache_key_fn": _shard_key,
        "persist_result": True,
        "result_serializer": "json",
        "refresh_cache": not step.reusable,
    }


def _shard_key(context: TaskRunContext, parameters: Mapping[str, Any]) -> str:
    return f"assay-generate-{parameters['run']}-{parameters['shard']}"


def _is_incomplete(task_: object, task_run: object, state: Any) -> bool:
    return isinstance(state.data, ShardIncomplete)
