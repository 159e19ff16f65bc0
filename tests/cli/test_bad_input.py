"""Wrong commands that fail before anything is started: one sentence, an exit code, nothing on stdout."""

import subprocess
import sys
from pathlib import Path

import pytest

from assay.cli import COMMANDS, main

HEAVY = (
    "numpy",
    "scipy",
    "prefect",
    "sqlalchemy",
    "sqlmodel",
    "datasets",
    "pyarrow",
    "jinja2",
    "openai",
    "fastapi",
)


class Said:
    """What a command left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> object:
    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        return Said(int(str(ended.value.code)), captured.out, captured.err)

    return run


def check(said: Said, *, code: int, words: str) -> None:
    assert said.code == code, said.err
    assert said.out == ""
    assert words in said.err
    lines = said.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["rnu"], 2, "Did you mean run"),
        (["run"], 2, "Missing option '-m'"),
        (["run", "-m", "embedded:x"], 2, "Missing option '-t'"),
        (["run", "--nonsense"], 2, "See `assay run --help`"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "--limit", "0"], 2, "greater than or equal to 1"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "--limit", "x"], 2, "--limit"),
        (["run", "-m", "openai:m", "-t", "gsm8x"], 2, "Did you mean gsm8k"),
        (["run", "-m", "openai:m", "-t", "gsm8k:6shit"], 2, "no variant of gsm8k"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-o", "shoots=3"], 2, "Did you mean shots"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-o", "shots"], 2, "key=value"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-t", "gsm8k"], 2, "asked for twice"),
        (["run", "-m", "opnai:m", "-t", "gsm8k"], 2, "Did you mean openai"),
        (["run", "-m", "gpt", "-t", "gsm8k"], 2, "names no provider"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-M", "bas_url=x"], 2, "Did you mean base_url"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-M", "concurrency=many"], 2, "concurrency"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-H", "plane"], 2, "Did you mean plain"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-H", "nowhere.yaml"], 2, "cannot be read"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "--tasks-dir", "nowhere"], 2, "no folder of tasks"),
        (["run", "-m", "embedded:nowhere", "-t", "demo_words"], 3, "holds no checkpoint"),
        (["run", "-m", "replay:nowhere", "-t", "demo_words"], 3, "no file of saved answers"),
        (["run", "-m", "scripted:nowhere.py", "-t", "demo_words"], 2, "no Python file"),
        (["compare", "aaaa", "bbbb"], 2, "There is no run"),
        (["compare", "aaaa"], 2, "Missing argument"),
        (["compare", "aaaa", "bbbb", "--margin", "nonsense"], 2, "Write --margin 1pp"),
        (["compare", "aaaa", "bbbb", "--margin", "200pp"], 2, "between 0 and 100pp"),
        (["gate", "aaaa", "bbbb"], 2, "There is no run"),
        (["gate", "aaaa", "bbbb", "--margin", "nonsense"], 2, "Write --margin 1pp"),
        (["plan", "aaaa", "--delta", "nan"], 2, "between 0 and 100pp"),
        (["curve", "nothing"], 2, "No completed run"),
        (["tasks", "show", "nothing"], 2, "There is no task"),
        (["tasks", "shw", "nothing"], 2, "Did you mean 'show'"),
        (["inspect", "demo_words", "--question", "nothing"], 2, "There is no question"),
        (["runs", "show", "nothing"], 2, "There is no run"),
        (["runs", "remove", "nothing"], 2, "There is no run"),
        (["checkpoint", "announce", "nowhere", "--run", "a", "--step", "1"], 2, "neither the folder"),
        (["checkpoint", "announce", "embedded:nowhere", "--run", "a", "--step", "1"], 2, "no checkpoint at"),
        (["checkpoint", "announce", "opnai:m", "--run", "a", "--step", "1"], 2, "Did you mean openai"),
        (["checkpoint", "announce", "openai:m", "--run", "a", "--step", "-1"], 2, "--step"),
        (
            ["checkpoint", "announce", "openai:m", "--run", "a", "--step", "1", "--suite", "dmo"],
            2,
            "Did you mean demo",
        ),
        (
            ["checkpoint", "announce", "openai:m", "--run", "a", "--step", "1", "-M", "api_key=sk"],
            2,
            "no announcement may carry",
        ),
        (["checkpoint", "announce", "openai:m", "--run", "a", "--step", "1"], 3, "Run `assay up`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_is_one_sentence(
    refused: object, arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(refused)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    check(refused(*arguments), code=code, words=words)


@pytest.mark.parametrize(
    "arguments", [["runs"], ["up", "--json"], ["run", "-m", "embedded:{}", "-t", "demo_words"]]
)
def test_a_home_that_is_a_file_is_one_sentence(
    refused: object, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(refused)
    file = tmp_path / "home"
    file.write_text("")
    monkeypatch.setenv("ASSAY_HOME", str(file))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("ASSAY_OWN_SERVER", raising=False)
    model = tmp_path / "model"
    model.mkdir()
    check(refused(*(word.format(model) for word in arguments)), code=3, words=".")
    assert file.read_text() == ""


def test_a_suite_that_does_not_exist_is_not_served(
    refused: object, assay_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(refused)
    monkeypatch.setenv("ASSAY_SUITE", "dmo")
    check(refused("up"), code=2, words="Did you mean demo")
    assert not list(assay_home.iterdir())


def test_an_unexpected_error_is_one_sentence_too(refused: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(refused)
    monkeypatch.setattr("assay.cli._run", lambda arguments: 1 // 0)
    check(refused("runs"), code=70, words="ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "runs"])


def test_an_interruption_says_that_what_is_finished_is_kept(
    refused: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(refused)

    def interrupt(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.cli._run", interrupt)
    said = refused("runs")
    assert said.code == 130
    assert "the same command goes on from there" in said.err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom assay.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('\\nLOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    help_, loaded = told.rsplit("\nLOADED", 1)
    assert all(name in help_ for name in COMMANDS)
    assert not set(HEAVY) & set(loaded.split())


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert not ended.value.code
    assert capsys.readouterr().out.startswith("assay ")
