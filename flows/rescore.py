"""Score the samples of a run again, by another extractor or metric and without a request."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

import anyio.to_thread

from assay.errors import TaskChanged, UsageError
from assay.fingerprint import fingerprint
from assay.records import Run, Sample, Score
from assay.store import contracts
from assay.store.contracts import Checked, MetricRange
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

    A variant that would have asked something else gets a fingerprint of its own, so that these scores are
    never taken for answers to its own prompts. Raises TaskChanged where the questions are not those that
    were asked, and UsageError where the samples are not what the variant scores.
    """
    options = {**run.options, **(overrides or {})}
    task = resolve_task(spec or run.task, options)
    loaded = load(task, limit=run.limit)
    samples = list(store.samples(run.id))
    _check(run, task, loaded, samples)
    began = datetime.now(UTC)
    checked = await _checked(task, loaded, await _scores(task, loaded, samples), expected=len(samples))
    metrics, counts = summarise(task, loaded.questions, checked.passed, expected=len(samples))
    same = loaded.asked(task) == run.asked
    measured = loaded.task_fingerprint if same else fingerprint([loaded.task_fingerprint, run.asked])
    identity = fingerprint(["rescored", run.id, measured])
    ended = datetime.now(UTC)
    rescored = run.model_copy(
        update={
            "id": identity[:12],
            "task": task.name,
            "task_fingerprint": measured,
            "options": options,
            "headline": task.headline.name,
            "metrics": metrics,
            "counts": counts,
            "requested": 0,
            "status": "invalid" if checked.quarantined else "failed" if counts.failed else "completed",
            "started": began,
            "ended": ended,
            "seconds": (ended - began).total_seconds(),
            "rescored_from": run.id,
        }
    )
    rescored = store.begin_run(rescored, identity=identity)
    store.save_questions(measured, loaded.questions)
    store.save_samples(rescored.id, "rescored", samples)
    store.finish_run(rescored, checked.passed, quarantined=checked.quarantined)
    return rescored


def _check(run: Run, task: Task, loaded: Loaded, samples: Sequence[Sample]) -> None:
    known = {question.id for question in loaded.questions}
    if loaded.dataset_digest != run.dataset_digest or not {s.question_id for s in samples} <= known:
        raise TaskChanged(
            f"The questions of {task.name!r} are not those that run {run.id} was asked.",
            remedy="Name a variant of the same data set, or evaluate the checkpoint anew.",
        )
    if not samples:
        raise UsageError(f"Run {run.id} has no sample.", remedy="Resume it with the command that began it.")
    by_likelihood = loaded.request(task, loaded.questions[0]).kind == "loglikelihood"
    answered = [s for s in samples if s.failure is None and not s.missing]
    if any(bool(s.loglikelihoods) is not by_likelihood for s in answered):
        kept, wanted = ("texts", "log-likelihoods") if by_likelihood else ("log-likelihoods", "texts")
        raise UsageError(
            f"Run {run.id} holds {kept}, and {task.name!r} scores {wanted}.",
            remedy="Name a variant that scores what was asked, or evaluate the checkpoint anew.",
        )


async def _scores(task: Task, loaded: Loaded, samples: Sequence[Sample]) -> list[Score]:
    questions = {q.id: q for q in loaded.questions}
    async with Pool(await plan(task.needs)) as pool:
        scored = await asyncio.gather(
            *(score_sample(task, questions[s.question_id], s, pool=pool) for s in samples)
        )
    return list(chain.from_iterable(scored))


async def _checked(task: Task, loaded: Loaded, scores: Sequence[Score], *, expected: int) -> Checked:
    ranges = [MetricRange(name=m.name, low=m.low, high=m.high) for m in task.metrics]
    return await anyio.to_thread.run_sync(
        lambda: contracts.validate_scores(
            scores, expected=expected, known=[q.id for q in loaded.questions], metrics=ranges
        )
    )
