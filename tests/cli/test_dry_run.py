"""`assay run --dry-run` prints a plan that fits a terminal, or one JSON object, and starts nothing."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from assay.cli import forecasts, main

MODEL = "def complete(call):\n    raise SystemExit('asked')\n"


@pytest.fixture
def command(tmp_path: Path, assay_home: Path) -> list[str]:
    file = tmp_path / "model.py"
    file.write_text(MODEL)
    tasks = ["-t", "demo_words", "-t", "demo_stories"]
    return ["run", "-m", f"scripted:{file}", *tasks, "--limit", "3", "--dry-run"]


def test_the_plan_fits_eighty_columns(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(forecasts.terminal, "console", lambda: Console(width=80))
    with pytest.raises(SystemExit) as ended:
        main(command)
    out = capsys.readouterr().out
    assert not ended.value.code
    assert max(map(len, out.splitlines())) <= 80
    assert "together" in out
    assert "nothing needs a sandbox" in out


def test_the_plan_is_one_json_object(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*command, "--json"])
    plan = json.loads(capsys.readouterr().out)
    assert [task["samples"] for task in plan["tasks"]] == [3, 3]
    assert [task["requests"] for task in plan["tasks"]] == [3, 3]
    assert plan["sandbox"] == {"backend": None, "needs": [], "reason": "nothing needs a sandbox"}


def test_the_plan_names_each_of_several_checkpoints(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.py"
    other.write_text(MODEL)
    with pytest.raises(SystemExit):
        main([*command, "-m", f"scripted:{other}", "--json"])
    plan = json.loads(capsys.readouterr().out)
    named = [task["checkpoint"].rpartition("/")[2] for task in plan["tasks"]]
    assert named == ["model.py", "model.py", "other.py", "other.py"]
    with pytest.raises(SystemExit):
        main([*command, "-m", f"scripted:{other}"])
    assert "other.py" in capsys.readouterr().out
