"""BIG-Bench Hard on rows and a prompt file written here: shots, targets, conclusions, suites."""

from pathlib import Path

import pytest

from assay.errors import DatasetNotFound
from tasks_lib.benchmarks.bbh import SUBTASKS, concluded
from tasks_lib.check import check
from tasks_lib.questions import load
from tasks_lib.spec import expand
from tests.tasks_lib.rows import Rows, task_of

ROWS: Rows = [{"input": f"( ( {n} ) ) is", "target": f"Value {n}"} for n in range(3)]
PROMPT = """CANARY
-----
Say what it is.

Q: ( a ) is
Options:
(A) one
A: Let's think step by step.
It is a.

So it is one. So the answer is (A).

Q: ( b ) is
A: Let's think step by step.
The first answer is 3. No: the answer is 4.5.

Q: ( c ) is
A: Let's think step by step.
So the answer is True."""
MEMBERS = 27


@pytest.fixture(autouse=True)
def prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "lukaemon" / "bbh" / "cot-prompts"
    folder.mkdir(parents=True)
    (folder / "navigate.txt").write_text(PROMPT)
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(tmp_path))


def test_the_answers_alone_stand_in_the_shots(tmp_path: Path) -> None:
    task = task_of("bbh_navigate", tmp_path, ROWS)
    loaded = load(task)
    assert loaded.request(task, loaded.questions[0]).prompt == (
        "Say what it is.\n\nQ: ( a ) is\nOptions:\n(A) one\nA: (A)\n\n"
        "Q: ( b ) is\nA: 4.5\n\nQ: ( c ) is\nA: True\n\nQ: ( ( 0 ) ) is\nA:"
    )


def test_reasoning_stands_in_the_shots_of_cot(tmp_path: Path) -> None:
    task = task_of("bbh_navigate:cot", tmp_path, ROWS)
    loaded = load(task)
    prompt = loaded.request(task, loaded.questions[0]).prompt
    assert prompt.startswith(PROMPT.partition("-----\n")[2])
    assert prompt.endswith("\n\nQ: ( ( 0 ) ) is\nA: Let's think step by step.")


@pytest.mark.anyio
@pytest.mark.parametrize("spec", ["bbh_navigate", "bbh_navigate:cot"])
async def test_gold_answers_score_1_and_others_do_not(spec: str, tmp_path: Path) -> None:
    assert await check(task_of(spec, tmp_path, ROWS), pool=None) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("So the answer is (B).", "(B)"),
        ("The answer is 1. No, the answer is 2.", "2"),
        ("the answer is ] ) >.\n", "] ) >"),
        (" valid ", "valid"),
        ("  ", None),
    ],
)
def test_what_follows_the_last_answer_is_counts(text: str, answer: str | None) -> None:
    assert concluded(text) == answer


def test_a_prompt_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"snarks\.txt.*bbh_snarks:0shot"):
        load(task_of("bbh_snarks", tmp_path, ROWS))


def test_the_paper_counts_what_comes_in_three_sizes_once() -> None:
    assert len(SUBTASKS) == len(expand("bbh")) == len(expand("bbh:paper")) == MEMBERS
    weights = {member.spec: member.weight for member in expand("bbh:paper")}
    assert weights["bbh_snarks"] == pytest.approx(1 / 23)
    assert weights["bbh_logical_deduction_five_objects"] == pytest.approx(1 / 69)
