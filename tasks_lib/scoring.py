"""One sample becomes one score for each metric."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from typing import cast

from assay.errors import SandboxUnavailable
from assay.extensions import foreign_code
from assay.records import Question, Sample, Score, Status
from sandbox.protocol import Leases
from tasks_lib.extract.stops import until_stop
from tasks_lib.task import Metric, SandboxScorer, Scorer, Task, Verdict, in_sandbox

TRIES = 2
"""A sandbox that breaks is replaced once before the sample counts as failed."""


UNCLOSED = "The thought never ends."
"""Why a sample is unparsed whose model thought until its tokens were spent."""


async def score_sample(task: Task, question: Question, sample: Sample, *, pool: Leases | None) -> list[Score]:
    """Judge a sample by every metric, where needed in a sandbox of `pool`; a shared scorer judges once."""
    if _without_answer(sample):
        return [_unanswered(metric, sample) for metric in task.metrics]
    sample = stopped(task, question, sample)
    scores: list[Score] = []
    for _, sharing in groupby(task.metrics, key=lambda metric: id(metric.scorer)):
        metrics = list(sharing)
        scorer = metrics[0].scorer
        if in_sandbox(scorer):
            with _users_scorer(task, question):
                scores += await _in_sandbox(metrics, scorer, question, sample, pool)
        else:
            scores += _scores(metrics, judged(task, scorer, question, sample), sample)
    return scores


def score_text(task: Task, question: Question, sample: Sample) -> list[Score]:
    """Judge a sample by the metrics of a task that runs nothing."""
    if _without_answer(sample):
        return [_unanswered(metric, sample) for metric in task.metrics]
    sample = stopped(task, question, sample)
    scores: list[Score] = []
    for metric in task.metrics:
        scores += _scores([metric], judged(task, metric.scorer, question, sample), sample)
    return scores


def judged(task: Task, scorer: object, question: Question, sample: Sample) -> Verdict:
    """Judge by a scorer; raises BadSpec, with the question and the user's line, for what it raises."""
    with _users_scorer(task, question):
        return cast("Scorer", scorer).judge(question, sample)


def _users_scorer(task: Task, question: Question) -> AbstractContextManager[None]:
    remedy = "Fix it; the answers are kept, and the same command scores them again."
    return foreign_code(f"The scorer of {task.name!r}, on question {question.id!r},", remedy=remedy)


def stopped(task: Task, question: Question, sample: Sample) -> Sample:
    """Cut the output at the task's stop sequences, which hold whatever a backend or a file has written.

    What an agent hands in is no continuation of the prompt, and stays whole.
    """
    stops = task.generate.stop
    if not stops or sample.ended is not None or not sample.output:
        return sample
    output = until_stop(sample.output, stops)
    if len(output) == len(sample.output) or not task.continues(question, sample.output):
        return sample
    return sample.model_copy(update={"output": output, "finish_reason": "stop"})


def _without_answer(sample: Sample) -> bool:
    return sample.failure is not None or sample.missing or sample.finish_reason == "unclosed_thought"


async def _in_sandbox(
    metrics: Sequence[Metric], scorer: SandboxScorer, question: Question, sample: Sample, pool: Leases | None
) -> list[Score]:
    assert pool is not None
    problem = ""
    for _ in range(TRIES):
        try:
            async with pool.lease() as sandbox:
                return _scores(metrics, await scorer.judge_in(question, sample, sandbox), sample)
        except SandboxUnavailable as error:
            problem = str(error)
    return [_failed(metric, sample, problem) for metric in metrics]


def _scores(metrics: Sequence[Metric], verdict: Verdict, sample: Sample) -> list[Score]:
    status: Status = "scored"
    if verdict.value is None:
        status = "unparsed"
    elif sample.finish_reason == "length":
        status = "truncated"
    return [
        Score(
            question_id=sample.question_id,
            sample_index=sample.index,
            metric=metric.name,
            status=status,
            value=0.0 if verdict.value is None else verdict.value,
            weight=verdict.weight,
            answer=verdict.answer,
            explanation=verdict.explanation,
        )
        for metric in metrics
    ]


def _unanswered(metric: Metric, sample: Sample) -> Score:
    if sample.failure is not None:
        return _failed(metric, sample, sample.failure.message)
    return Score(
        question_id=sample.question_id,
        sample_index=sample.index,
        metric=metric.name,
        status="unparsed",
        value=0.0,
        explanation="There is no answer." if sample.missing else UNCLOSED,
    )


def _failed(metric: Metric, sample: Sample, problem: str) -> Score:
    return Score(
        question_id=sample.question_id,
        sample_index=sample.index,
        metric=metric.name,
        status="failed",
        explanation=problem,
    )
