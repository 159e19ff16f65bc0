"""A run that is compared while it goes on asks no more than the verdict takes."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Command, told

pytestmark = pytest.mark.e2e
QUESTIONS = 400
TASK = '''
from assay import CompletionPrompt, Local, Question, Sampling, Task
from assay import accuracy, exact_match, last_number, register


@register("digits")
def digits() -> Task:
    """Last digits, for a test."""
    return Task(
        source=Local({rows!r}),
        question=lambda row: Question(id=row["id"], text=row["text"], target=row["answer"]),
        prompt=CompletionPrompt(template="{{text}}"),
        metrics=[accuracy(exact_match(last_number))],
        generate=Sampling(max_tokens=8),
    )
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task of numbers, a model that gets a fifth right, and one that gets four fifths."""
    folder = tmp_path_factory.mktemp("stopping")
    rows = "".join(f'{{"id": "q{i}", "text": "{i}", "answer": "{i % 10}"}}\n' for i in range(QUESTIONS))
    (folder / "rows.jsonl").write_text(rows)
    (folder / "tasks").mkdir()
    (folder / "tasks" / "digits.py").write_text(TASK.format(rows=str(folder / "rows.jsonl")))
    for name, right in (("weak", "% 5 == 0"), ("strong", "% 5 != 0")):
        body = f"    number = int(call.prompt)\n    return str(number % 10 if number {right} else 11)\n"
        (folder / f"{name}.py").write_text(f"def complete(call):\n{body}")
    return folder


def test_a_clear_difference_is_settled_with_a_part_of_the_questions(assay: Command, folder: Path) -> None:
    common = ("-t", "digits", "--tasks-dir", str(folder / "tasks"), "--json")
    whole = told(assay("run", "-m", f"scripted:{folder / 'weak.py'}", *common))["runs"][0]
    assert whole["stopped"] is None
    early = told(
        assay(
            "run", "-m", f"scripted:{folder / 'strong.py'}", *common,
            "--stop-when", "resolved", "--against", whole["id"],
        )
    )["runs"][0]  # fmt: skip
    assert early["status"] == "completed"
    assert early["stopped"]["verdict"] == "improved"
    assert early["stopped"]["against"] == whole["id"]
    asked = early["counts"]["expected"]
    assert asked == early["counts"]["scored"] == early["metrics"]["accuracy"]["n"]
    assert early["stopped"]["saved"] == QUESTIONS - asked
    assert asked < QUESTIONS / 2


def test_both_options_belong_together(assay: Command, folder: Path) -> None:
    done = assay("run", "-m", f"scripted:{folder / 'weak.py'}", "-t", "demo_words", "--stop-when", "resolved")
    assert done.returncode == 2
    assert "--against" in done.stderr
