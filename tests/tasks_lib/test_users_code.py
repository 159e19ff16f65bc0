"""What a user's function raises is told with the question and the user's own line."""

from pathlib import Path

import pytest

from assay.errors import BadRow, BadSpec
from assay.records import Question, Sample
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import completion
from tasks_lib.questions import load
from tasks_lib.scorers.text import exact_match
from tasks_lib.scoring import score_sample, score_text
from tasks_lib.task import Row, Task, Verdict
from tests.tasks_lib.rows import task_of

pytestmark = pytest.mark.anyio
ROWS = [{"question": "What is 1?", "answer": "#### 1"}]


def broken(text: str) -> str | None:
    raise KeyError(f"no {text}")


class Broken:
    """A scorer, and a prompt, with a fault."""

    def judge(self, question: Question, sample: Sample) -> Verdict:
        """Ask the text for what it has not."""
        return Verdict(float(sample.output.missing))  # type: ignore[attr-defined]

    def gold(self, question: Question) -> str | None:
        """Have no gold text."""
        return None

    request = judge


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return task_of("gsm8k:0shot", tmp_path, ROWS)


@pytest.mark.parametrize(
    ("scorer", "kind"), [(Broken(), "AttributeError"), (exact_match(broken), "KeyError")]
)
async def test_a_scorer_that_raises_names_question_and_line(task: Task, scorer: Broken, kind: str) -> None:
    task = task.with_(metrics=[accuracy(scorer)])
    question, sample = Question(text="q", target="1", id="q7"), Sample(question_id="q7", output="1")
    message = rf"question 'q7', raised {kind}: .*test_users_code.py, line \d+"
    with pytest.raises(BadSpec, match=message):
        score_text(task, question, sample)
    with pytest.raises(BadSpec, match=message):
        await score_sample(task, question, sample, pool=None)


def test_a_prompt_that_raises_names_question_and_line(task: Task) -> None:
    loaded = load(task)
    with pytest.raises(BadSpec, match=r"question '\w+', raised TypeError"):
        loaded.request(task.with_(prompt=Broken()), loaded.questions[0])
    with pytest.raises(BadSpec, match=r"question '\w+', raised KeyError"):
        loaded.request(task.with_(prompt=completion("{nothing}")), loaded.questions[0])


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyError("x"), OSError("gone")])
def test_a_row_that_cannot_be_read_names_row_and_line(task: Task, error: Exception) -> None:
    def question(row: Row) -> Question:
        raise error

    with pytest.raises(BadRow, match=rf"Row 0 .*{type(error).__name__}.*test_users_code.py, line \d+"):
        load(task.with_(question=question))
