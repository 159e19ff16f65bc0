"""`assay tasks`, `suites` and `inspect`: what they print, and one object with --json."""

import re
from pathlib import Path

import orjson
import pytest

from assay.cli import main
from tests.tasks_lib.rows import file_of, keep_registry

MINE = '''
from assay import CompletionPrompt, Local, Question, Task, accuracy, exact_match, last_number, register

@register("{name}")
def mine() -> Task:
    """My sums."""
    return Task(
        source=Local({rows!r}),
        question=lambda row: Question(text=row["text"], target=row["answer"]),
        prompt=CompletionPrompt(template="{{text}}"),
        metrics=[accuracy(exact_match(last_number))],
    )
'''


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_registry(monkeypatch)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run a command and return what it printed on the two streams."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert (ended.value.code or 0) == code, printed.err
    return printed.out, printed.err


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    """Run a command with --json and return its one object."""
    out, _ = said(capsys, *arguments, "--json", code=code)
    assert out.count("\n") == 1
    found: dict[str, object] = orjson.loads(out)
    return found


def test_tasks_are_listed_with_their_variants(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "tasks")
    assert "gsm8k" in out
    assert "subject-NAME" in out
    tasks = told(capsys, "tasks")["tasks"]
    assert isinstance(tasks, list)
    (gsm8k,) = (task for task in tasks if task["name"] == "gsm8k")
    assert gsm8k.keys() == {"name", "about", "variants"}


def test_a_task_is_shown_with_what_its_variants_do(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "tasks", "show", "gsm8k:olmes", "-o", "max_tokens=99")
    assert "-o fewshot_source=FILE" in out
    assert "max_tokens 99" in out
    assert re.search(r"lm-eval +Follow lm-evaluation-harness", out)
    shown = told(capsys, "tasks", "show", "arc_easy:5shot")
    assert (shown["task"], shown["shots"], shown["metrics"]) == (
        "arc_easy:5shot",
        5,
        ["accuracy", "acc_norm"],
    )


def test_suites_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "suites")
    assert "16.7%  gsm8k" in out
    suites = told(capsys, "suites")["suites"]
    assert isinstance(suites, dict)
    assert len(suites["mmlu-by-subject"]["tasks"]) == 57


def test_a_task_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "tasks", "check", "demo_words", "demo_letters")[0] == (
        "demo_words: sound\ndemo_letters: sound\n"
    )
    assert told(capsys, "tasks", "check", "demo_words") == {"tasks": {"demo_words": []}}


def test_a_task_of_ones_own_that_is_not_sound_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = file_of(tmp_path, [{"text": "1+1?", "answer": "2"}, {"text": "2+2?", "answer": "four"}])
    (tmp_path / "mine.py").write_text(MINE.format(name="own_sums", rows=rows.path))
    folder = ("--tasks-dir", str(tmp_path))
    out, _ = said(capsys, "tasks", "check", "own_sums", *folder, code=1)
    assert out.startswith("own_sums: 1 problems\n")
    assert "the gold answer scores 0.0 by accuracy" in out
    assert said(capsys, "tasks", "check", "own_sums", "--limit", "1", "-o", "seed=3", *folder)[0]
    assert "own_sums" in said(capsys, "tasks", *folder)[0]


def test_the_exact_prompt_of_a_question_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "inspect", "demo_words", "--question", "3", "--answer", "kuli")
    assert "question say-003 (row 3)" in out
    assert "max_tokens 8, temperature 0.0, stop ['\\n']" in out
    assert "accuracy: scored, value" in out
    shown = told(capsys, "inspect", "demo_words", "-q", "say-003")
    assert isinstance(shown["request"], dict)
    assert shown["request"]["prompt"] in out
    assert shown["scores"] == []


def test_what_a_prompt_holds_is_never_taken_for_markup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "[bold]x[/bold] :smile: " + "long " * 60
    rows = file_of(tmp_path, [{"text": text, "answer": "2"}])
    (tmp_path / "mine.py").write_text(MINE.format(name="own_markup", rows=rows.path))
    assert text in said(capsys, "inspect", "own_markup", "--tasks-dir", str(tmp_path))[0]


def test_the_choices_of_a_question_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "inspect", "demo_letters")
    assert "continuations whose likelihood is asked" in out
    assert out.count("\n' ") == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("inspect", "demo_words", "-q", "9999"), "There is no row 9999: the last is 199."),
        (("inspect", "demo_words", "-q", "say-1"), "There is no question 'say-1'. Did you mean say-1"),
        (("inspect", "demo_word"), "Did you mean demo_words"),
        (("tasks", "show", "core"), "There is no task 'core'"),
        (("tasks", "show", "gsm8k:sixshot"), "There is no variant of gsm8k 'sixshot'"),
        (("tasks", "check", "gsm8k", "-o", "shot=1"), "Did you mean shots"),
        (("tasks", "--tasks-dir", "/nowhere/at/all"), "There is no folder of tasks '/nowhere/at/all'"),
    ],
)
def test_a_wrong_command_is_one_sentence(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(capsys, *arguments, code=2)
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
