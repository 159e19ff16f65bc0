"""Score the samples of a run again, by another extractor or metric and without a request."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain

import anyio.to_thread

from assay.batching import batched
from assay.errors import TaskChanged, UsageError
from assay.fingerprint import fingerprint
from assay.records import Run, Sample, Score
from assay.spool import Chosen, Spool
from assay.store.contract.scores import Checked
from assay.store.store import Store
from harnesses.evaluation.check import BATCH, ScoreBatch, check
from harnesses.evaluation.summarise import summarised
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.questions import Loaded, load
from tasks_lib.scoring import score_sample
from tasks_lib.spec import resolve_task
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
    expected = _count_samples(run, task, loaded, store.samples(run.id))
    started = datetime.now(UTC)
    checked = await _scored(task, loaded, store.samples(run.id))
    asks_the_same = loaded.asked(task) == run.asked
    measured = loaded.task_fingerprint if asks_the_same else fingerprint([loaded.task_fingerprint, run.asked])
    identity = fingerprint(["rescored", run.id, measured])
    changes = {
        "id": identity[:12],
        "task": task.name,
        "task_fingerprint": measured,
        "options": options,
        "headline": task.headline.name,
        "requested": 0,
        "started": started,
        "rescored_from": run.id,
    }
    rescored = summarised(
        run.model_copy(update=changes),
        task=task,
        questions=loaded.questions,
        checked=checked,
        expected=expected,
    )
    rescored = store.begin_run(rescored, identity=identity)
    store.save_questions(measured, loaded.questions)
    store.save_samples(rescored.id, "rescored", store.samples(run.id))
    store.finish_run(rescored, checked.passed, quarantined=checked.quarantined)
    return rescored


def _count_samples(run: Run, task: Task, loaded: Loaded, samples: Iterable[Sample]) -> int:
    """Count the samples; raises TaskChanged and UsageError where they are not what the task scores."""
    question_ids = {question.id for question in loaded.questions}
    by_likelihood = loaded.request(task, loaded.questions[0]).kind == "loglikelihood"
    same_questions, fitting, count = loaded.dataset_digest == run.dataset_digest, True, 0
    for sample in samples:
        count += 1
        same_questions = same_questions and sample.question_id in question_ids
        answered = sample.failure is None and not sample.missing
        fitting = fitting and (not answered or bool(sample.loglikelihoods) is by_likelihood)
    if not same_questions:
        raise TaskChanged(
            f"The questions of {task.name!r} are not those that run {run.id} was asked.",
            remedy="Name a variant of the same data set, or evaluate the checkpoint again.",
        )
    if not count:
        raise UsageError(f"Run {run.id} has no samples.", remedy="Resume it with the command that began it.")
    if not fitting:
        stored, scored = ("texts", "log-likelihoods") if by_likelihood else ("log-likelihoods", "texts")
        raise UsageError(
            f"Run {run.id} holds {stored}, and {task.name!r} scores {scored}.",
            remedy="Name a variant that scores what was asked, or evaluate the checkpoint again.",
        )
    return count


async def _scored(task: Task, loaded: Loaded, samples: Iterable[Sample]) -> Checked:
    """Score the samples, and check the scores as those of any run are checked."""
    indexes = {question.id: index for index, question in enumerate(loaded.questions)}
    scores, parts = Spool(Score), []
    async with Pool(await plan(task.needs)) as pool:
        for batch in batched(samples, size=BATCH):
            scored = await asyncio.gather(
                *(score_sample(task, loaded.questions[indexes[s.question_id]], s, pool=pool) for s in batch)
            )
            question_ids = sorted({sample.question_id for sample in batch})
            parts.append((scores.extend(chain.from_iterable(scored)), question_ids, len(batch)))

    def batches() -> Iterator[ScoreBatch]:
        for span, question_ids, count in parts:
            yield ScoreBatch(Chosen(scores, span), question_ids, count)

    return await anyio.to_thread.run_sync(lambda: check(batches(), metrics=task.metrics))
