"""`assay down`: everything of this home ends, and nothing is made."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assay.cli import main
from assay.processes import Process, began


def down(capsys: pytest.CaptureFixture[str]) -> dict[str, bool]:
    with pytest.raises(SystemExit) as ended:
        main(["down", "--json"])
    assert not ended.value.code
    stopped: dict[str, bool] = json.loads(capsys.readouterr().out)["stopped"]
    return stopped


def test_a_home_that_was_never_used_stays_as_it_is(
    assay_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(down(capsys).values())
    assert list(assay_home.iterdir()) == []
    monkeypatch.setenv("ASSAY_HOME", str(assay_home / "nowhere"))
    assert not any(down(capsys).values())
    assert not (assay_home / "nowhere").exists()


def test_vllm_whose_owner_is_gone_is_ended(assay_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    left = subprocess.Popen(sleeps, start_new_session=True)
    marks = assay_home / "run" / "vllm"
    marks.mkdir(parents=True)
    said = {"owner": Process(left.pid, "0"), "keeper": Process(left.pid, began(left.pid))}
    (marks / "1.json").write_text(json.dumps(said))
    assert down(capsys)["vllm"]
    assert left.wait(10) != 0
    assert not down(capsys)["vllm"]
