"""A task is proved without a model, and what is wrong with it is found."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assay.records import Question, Request, Sampling
from tasks_lib.check import check
from tasks_lib.extract.numbers import last_number, marked_number
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import CompletionPrompt
from tasks_lib.scorers.text import ExactMatch, exact_match
from tasks_lib.task import Task
from tests.tasks_lib.rows import Rows, task_of

pytestmark = pytest.mark.anyio

SUMS: Rows = [{"question": f"What is {n}?", "answer": f"It is {n}."} for n in range(3)]


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return task_of("gsm8k:0shot", tmp_path, SUMS)


async def test_a_sound_task_has_no_problems(task: Task) -> None:
    assert await check(task, pool=None) == []
    assert await check(task, pool=None, limit=1) == []


async def test_a_gold_answer_that_does_not_score_is_found(task: Task) -> None:
    problems = await check(task.with_(metrics=[accuracy(exact_match(marked_number))]), pool=None)
    assert len(problems) == 3
    assert "the gold answer scores 0.0 by accuracy" in problems[0].what


async def test_a_scorer_that_accepts_anything_is_found(task: Task) -> None:
    lenient = ExactMatch(extract=lambda text: "1", gold=lambda text: "1")
    problems = await check(
        task.with_(metrics=[accuracy(exact_match(last_number)), accuracy(lenient)]), pool=None
    )
    assert len(problems) == 3
    assert all("a corrupted answer scores 1.0" in problem.what for problem in problems)


@dataclass(frozen=True, kw_only=True)
class Counting(CompletionPrompt):
    """A prompt that differs each time it is made."""

    made: list[int] = field(default_factory=list)

    def request(self, question: Question, *, shots: object, sampling: Sampling) -> Request:
        self.made.append(0)
        return Request(kind="generate", prompt=f"{question.text} {len(self.made)}", sampling=sampling)


async def test_a_prompt_that_differs_is_found(task: Task) -> None:
    problems = await check(task.with_(prompt=Counting(template="{text}")), pool=None)
    assert [problem.what for problem in problems] == ["the prompt differs when it is made again"] * 3
