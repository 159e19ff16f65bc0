"""A run that is compared while it goes on asks no more than the verdict takes."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Command, told
from tests.e2e.digits import write_digits

pytestmark = pytest.mark.e2e
QUESTIONS = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task of numbers, a model that gets a fifth right, and one that gets four fifths."""
    folder = tmp_path_factory.mktemp("stopping")
    (folder / "tasks").mkdir()
    write_digits(folder / "tasks", count=QUESTIONS)
    for name, right in (("weak", "% 5 == 0"), ("strong", "% 5 != 0")):
        (folder / f"{name}.py").write_text(
            "import re\n\n\ndef complete(call):\n"
            "    number = int(re.search('[0-9]+', call.prompt)[0])\n"
            f"    return str(number % 10 if number {right} else 11)\n"
        )
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
