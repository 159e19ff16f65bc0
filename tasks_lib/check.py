"""Prove a task without a model: gold answers score 1, corrupted ones do not, prompts are stable."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from assay.records import LogLikelihood, Question, Request, Sample, Score
from sandbox.protocol import Leases
from tasks_lib.questions import Loaded, load
from tasks_lib.scoring import score_sample
from tasks_lib.task import Task

CORRUPTED = "this is not the answer"
LIKELY, UNLIKELY = -1.0, -50.0


class Problem(NamedTuple):
    """What is wrong with one question of a task."""

    question: str
    what: str


async def check(task: Task, *, pool: Leases | None, limit: int | None = None) -> list[Problem]:
    """Check every question of a task, or some, and return what is wrong; raises DataError."""
    loaded = load(task, limit=limit)
    results = await asyncio.gather(*(_question(task, loaded, q, pool=pool) for q in loaded.questions))
    return [problem for found in results for problem in found]


async def _question(task: Task, loaded: Loaded, question: Question, *, pool: Leases | None) -> list[Problem]:
    request = loaded.request(task, question)
    problems = []
    if request != loaded.request(task, question):
        problems.append(Problem(question.id, "the prompt differs when it is made again"))
    if task.headline.lower_is_better:
        return problems
    gold = await _scores(task, question, _sample(task, question, request, right=True), pool=pool)
    if any(score.value != 1.0 for score in gold):
        problems.append(
            Problem(question.id, f"the gold answer scores {gold[0].value} ({gold[0].explanation})")
        )
    bad = await _scores(task, question, _sample(task, question, request, right=False), pool=pool)
    if any(score.value != 0.0 for score in bad):
        problems.append(Problem(question.id, f"a corrupted answer scores {bad[0].value}"))
    return problems


async def _scores(task: Task, question: Question, sample: Sample, *, pool: Leases | None) -> Sequence[Score]:
    return await score_sample(task, question, sample, pool=pool)


def _sample(task: Task, question: Question, request: Request, *, right: bool) -> Sample:
    if request.kind == "generate":
        text = task.prompt.gold(question) if right else CORRUPTED
        return Sample(question_id=question.id, output=text or "")
    count = len(question.choices)
    likely = question.answer if right else ((question.answer or 0) + 1) % count
    found = [LogLikelihood(logprob=LIKELY if i == likely else UNLIKELY, tokens=1) for i in range(count)]
    alone = [LogLikelihood(logprob=UNLIKELY, tokens=1) for _ in range(len(request.pairs) - count)]
    return Sample(question_id=question.id, loglikelihoods=(*found, *alone))
