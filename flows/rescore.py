"""Score the samples of a run again, by another extractor or metric and without a request."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain

import anyio.to_thread

from assay.errors import TaskChanged
from assay.fingerprint import fingerprint
from assay.records import Run, Sample, Score
from assay.store import contracts
from assay.store.contracts import MetricRange
from assay.store.store import Store
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.questions import Loaded, load
from tasks_lib.scoring import score_sample
from tasks_lib.spec import resolve_task
from tasks_lib.summary import summarise
from tasks_lib.task import Task


async def rescore(
    store: Store, run: Run, *, spec: str | None = None, overrides: Mapping[str, str] | None = None
) -> Run:
    """Score a run's samples by the task as it is now, or by another variant of it; returns the new run.

    Raises TaskChanged where the questions are not those that were asked.
    """
    task = resolve_task(spec or run.task, dict(overrides or {}))
    loaded = load(task, limit=run.limit)
    if loaded.dataset_digest != run.dataset_digest:
        raise TaskChanged(
            f"The data of {task.name!r} is not what run {run.id} was asked.",
            remedy="Evaluate the checkpoint anew.",
        )
    samples = list(store.samples(run.id))
    scores = await _scores(task, loaded, samples)
    checked = await anyio.to_thread.run_sync(
        lambda: contracts.validate_scores(
            scores,
            expected=len(samples),
            known=[q.id for q in loaded.questions],
            metrics=[MetricRange(name=m.name, low=m.low, high=m.high) for m in task.metrics],
        )
    )
    metrics, counts = summarise(task, loaded.questions, checked.passed, expected=len(samples))
    identity = fingerprint(["rescored", run.id, loaded.task_fingerprint])
    rescored = run.model_copy(
        update={
            "id": identity[:12],
            "task": task.name,
            "task_fingerprint": loaded.task_fingerprint,
            "headline": task.headline.name,
            "metrics": metrics,
            "counts": counts,
            "requested": 0,
            "status": "invalid" if checked.quarantined else "failed" if counts.failed else "completed",
            "started": datetime.now(UTC),
            "ended": datetime.now(UTC),
            "seconds": 0.0,
        }
    )
    rescored = store.begin_run(rescored, identity=identity)
    store.save_questions(loaded.task_fingerprint, loaded.questions)
    store.save_samples(rescored.id, "rescored", samples)
    store.finish_run(rescored, checked.passed, quarantined=checked.quarantined)
    return rescored


async def _scores(task: Task, loaded: Loaded, samples: list[Sample]) -> list[Score]:
    questions = {q.id: q for q in loaded.questions}
    async with Pool(await plan(task.needs)) as pool:
        scored = await asyncio.gather(
            *(score_sample(task, questions[s.question_id], s, pool=pool) for s in samples)
        )
    return list(chain.from_iterable(scored))
