"""`assay tasks check --all`, and what `assay suites` says of members that are absent."""

from pathlib import Path

import orjson
import pytest

from assay.cli import main, proofs
from tests.tasks_lib.rows import file_of, keep_registry

OWN = '''
from assay import CompletionPrompt, Local, Question, Task, accuracy, exact_match, last_number, register

@register("own_sums")
def own_sums() -> Task:
    """Sums of one's own."""
    return Task(
        source=Local({rows!r}),
        question=lambda row: Question(text=row["text"], target=row["answer"]),
        prompt=CompletionPrompt(template="{{text}}"),
        metrics=[accuracy(exact_match(last_number))],
    )
'''


@pytest.fixture(autouse=True)
def registry_and_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_registry(monkeypatch)
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("COLUMNS", "200")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run a command and return its standard output."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    streams = capsys.readouterr()
    assert int(str(ended.value.code or 0)) == code, streams.err
    return streams.out


def test_every_task_is_proved_whose_data_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = file_of(tmp_path, [{"text": "1+1?", "answer": "2"}, {"text": "2+2?", "answer": "four"}])
    (tmp_path / "own.py").write_text(OWN.format(rows=rows.path))
    monkeypatch.setattr(proofs, "task_names", lambda: ["demo_words", "own_sums", "race", "sciq"])
    out = printed(capsys, "tasks", "check", "--all", "--tasks-dir", str(tmp_path), code=1)
    assert "demo_words: sound\nown_sums: 1 problems\n" in out
    assert "\nrace: not checked. " in out
    assert "\nsciq:olmes: not checked. " in out
    assert out.endswith("\n1 sound, 1 with problems, 4 not checked\n")


def test_data_that_is_missing_is_no_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(proofs, "task_names", lambda: ["demo_words", "race"])
    report = orjson.loads(printed(capsys, "tasks", "check", "--all", "--json"))
    assert report["tasks"] == {"demo_words": [], "race": []}
    assert list(report["skipped"]) == ["race"]


@pytest.mark.parametrize("words", [(), ("demo_words", "--all"), ("--all", "-o", "seed=3")])
def test_tasks_are_either_named_or_all_of_them(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "tasks", "check", *words, code=2) == ""


def test_a_suite_names_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    assert "absent  alpaca_eval: a judge compares pairs" in printed(capsys, "suites")
    suites = orjson.loads(printed(capsys, "suites", "--json"))["suites"]
    assert "alpaca_eval" in suites["olmo3:instruct"]["absent"]
    assert (suites["olmes:arc_easy"]["aggregate"], suites["core"]["absent"]) == ("best", {})
