"""HumanEval+ and MBPP+: what is asked, and which program is run."""

from pathlib import Path

import pytest

from assay.records import Question
from tasks_lib.benchmarks.evalplus import human_program, mbpp_program
from tasks_lib.questions import load
from tests.tasks_lib.rows import task_of

TESTS = "def check(candidate):\n    assert candidate(2) == 4\n"
CODE = Question(
    id="HumanEval/x",
    text='import os\n\n\ndef twice(n):\n    """Double n."""\n',
    fields={"test": TESTS, "entry_point": "twice"},
)


@pytest.mark.parametrize(
    "said",
    [
        "    return 2 * n\n",
        "def twice(n):\n    return 2 * n",
        "```python\ndef twice(n):\n    return 2 * n\n```",
    ],
)
def test_a_whole_program_stands_alone_and_a_completion_continues(said: str) -> None:
    program = human_program(CODE, said)
    assert program is not None
    assert program.startswith("import os") == said.startswith(" ")
    exec(program, {})
    with pytest.raises(AssertionError):
        exec(program.replace("== 4", "== 5"), {})


def test_without_an_answer_there_is_no_program() -> None:
    assert human_program(CODE, "\n") is None
    assert mbpp_program(CODE, " ") is None


def test_mbppplus_asks_with_one_test(tmp_path: Path) -> None:
    row: dict[str, object] = {
        "task_id": 7,
        "prompt": "Write a function that doubles.",
        "code": "\ndef twice(n):\n    return 2 * n\n",
        "test_list": ["assert twice(1) == 2", "assert twice(2) == 4"],
        "test": "assert twice(3) == 6",
    }
    task = task_of("mbppplus", tmp_path, [row])
    loaded = load(task)
    (question,) = loaded.questions
    assert question.id == "Mbpp/7"
    prompt = '"""\nWrite a function that doubles.\nassert twice(1) == 2\n"""\n'
    assert loaded.request(task, question).prompt == prompt
    program = mbpp_program(question, question.target or "")
    assert program == "def twice(n):\n    return 2 * n\n\nassert twice(3) == 6\n"
    exec(program, {})
