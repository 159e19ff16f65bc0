"""MGSM on rows written here: labels of each language, shots, numbers in other digits."""

from pathlib import Path

import pytest

from tasks_lib.benchmarks.mgsm import LABELS, last_figure
from tasks_lib.check import check
from tasks_lib.questions import load
from tasks_lib.spec import expand
from tests.tasks_lib.rows import Rows, task_of

pytestmark = pytest.mark.anyio


def rows(language: str) -> tuple[Rows, Rows]:
    labels = LABELS[language]
    test: Rows = [
        {"question": f"2 + {n}?", "answer": None, "answer_number": 2 + n, "equation_solution": None}
        for n in range(3)
    ]
    shots: Rows = [
        {
            "question": f"{labels.question} {n}?",
            "answer": f"{labels.answer} = {n}.",
            "answer_number": n,
            "equation_solution": "",
        }
        for n in range(8)
    ]
    return test, shots


@pytest.mark.parametrize("language", LABELS)
async def test_gold_answers_score_1_and_others_do_not(language: str, tmp_path: Path) -> None:
    test, shots = rows(language)
    assert await check(task_of(f"mgsm_{language}", tmp_path, test, shots=shots), pool=None) == []


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("de", "Frage: 0?\nSchritt-für-Schritt-Antwort: = 0.\n\nFrage: 1?"),
        ("ja", "問題：0?\nステップごとの答え：= 0.\n\n問題：1?"),
    ],
)
def test_labels_are_those_of_the_language(language: str, first: str, tmp_path: Path) -> None:
    test, shots = rows(language)
    task = task_of(f"mgsm_{language}", tmp_path, test, shots=shots)
    loaded = load(task)
    prompt = loaded.request(task, loaded.questions[0]).prompt
    assert prompt.startswith(first)
    assert prompt.endswith(f"2 + 0?\n{LABELS[language].answer}")


@pytest.mark.parametrize(
    ("text", "number"),
    [("উত্তর হল ১২।", "12"), ("1,234 Euro", "1234"), ("10² = 100", "100"), ("nichts", None)],
)
def test_digits_of_any_script_are_read(text: str, number: str | None) -> None:
    assert last_figure(text) == number


def test_the_suite_has_eleven_languages() -> None:
    assert len(expand("mgsm")) == 11
