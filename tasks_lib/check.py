"""Prove a task without a model: gold answers score 1, corrupted ones do not, prompts are stable."""

import asyncio
from typing import NamedTuple

from assay.records import LogLikelihood, Question, Request, Sample, Score
from sandbox.protocol import Leases
from tasks_lib.questions import Loaded, load
from tasks_lib.scoring import score_sample
from tasks_lib.task import Task

CORRUPTED = "xyzzyx"
"""Shares no word, number or letter of a choice with an answer."""
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
    if task.headline.lower_is_better or _without_gold(task, question, request):
        return problems
    # Other metrics may give partial credit, and some give none to a gold answer without any word.
    gold = await score_sample(task, question, _sample(task, question, request, right=True), pool=pool)
    problems += [
        Problem(question.id, f"the gold answer scores {score.value} by {score.metric} ({_said(score)})")
        for score in gold
        if score.metric == task.headline.name and score.value != 1.0
    ]
    lowest = {metric.name: metric.low or 0.0 for metric in task.metrics if not metric.lower_is_better}
    bad = await score_sample(task, question, _sample(task, question, request, right=False), pool=pool)
    problems += [
        Problem(question.id, f"a corrupted answer scores {score.value} by {score.metric} ({_said(score)})")
        for score in bad
        if score.metric in lowest and score.value != lowest[score.metric]
    ]
    return problems


def _without_gold(task: Task, question: Question, request: Request) -> bool:
    """Whether only the scorer knows what is right, as where instructions are checked by rules."""
    return request.kind == "generate" and task.prompt.gold(question) is None


def _said(score: Score) -> str:
    return score.explanation or f"extracted {score.answer!r}"


def _sample(task: Task, question: Question, request: Request, *, right: bool) -> Sample:
    if request.kind == "generate":
        text = task.prompt.gold(question) if right else CORRUPTED
        return Sample(question_id=question.id, output=text or "")
    count = len(question.choices)
    likely = question.answer if right else ((question.answer or 0) + 1) % max(1, count)
    found = [LogLikelihood(logprob=LIKELY if i == likely else UNLIKELY, tokens=1) for i in range(count)]
    greedy = right if not count else None
    alone = [
        LogLikelihood(logprob=UNLIKELY, tokens=1, greedy=greedy) for _ in range(len(request.pairs) - count)
    ]
    return Sample(question_id=question.id, loglikelihoods=(*found, *alone))
