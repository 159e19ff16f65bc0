"""What is announced is evaluated once, whatever is killed meanwhile."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.e2e.conftest import ASSAY, ask_server, environment, run_assay, told
from tests.e2e.digits import write_digits
from tests.endpoint import Endpoint

pytestmark = pytest.mark.e2e
QUESTIONS = 300


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    run_assay("down", home=tmp_path / "home")


def until(condition: Callable[[], object], *, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def runs(url: str, home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask_server(f"{url}/flow_runs/filter", home=home, body={})
    return found


def test_a_killed_worker_s_run_is_found_and_goes_on_from_the_response_log(
    endpoint: Endpoint, home: Path, tmp_path: Path
) -> None:
    more = {"ASSAY_TASKS_DIR": str(write_digits(tmp_path, count=QUESTIONS))}
    up = ("up", "--allow", f"base_url={endpoint.url}", "--json")
    server = told(run_assay(*up, home=home, **more))
    asked = ("-M", f"base_url={endpoint.url}", "-M", "concurrency=4", "--suite", "digits", "--json")
    announcing = ("checkpoint", "announce", f"openai:{endpoint.model}", "--run", "a", "--step", "1", *asked)
    first = told(run_assay(*announcing, home=home, **more))
    until(lambda: endpoint.answered > QUESTIONS / 4)
    (mark, *_) = (home / "run" / "flow-runs").glob("*.json")
    os.killpg(server["deployments_pid"], signal.SIGKILL)
    os.kill(orjson.loads(mark.read_bytes())["pid"], signal.SIGKILL)
    answered = endpoint.answered
    second = told(run_assay(*announcing, home=home, **more))
    assert (second["run"], second["repeated"]) == (first["run"], False)
    told(run_assay(*up, home=home, **more))
    until(lambda: _state(server["url"], home, first["run"]) == "COMPLETED")
    assert QUESTIONS <= endpoint.answered < QUESTIONS + answered
    crashed = [run for run in runs(server["url"], home) if run["state_type"] == "CRASHED"]
    assert crashed, "what was below the killed run"
    assert not [run for run in runs(server["url"], home) if run["state_type"] in {"RUNNING", "PENDING"}]
    assert told(run_assay(*announcing, home=home, **more))["state"] == "COMPLETED"
    assert len([run for run in runs(server["url"], home) if run["deployment_id"]]) == 1


def _state(url: str, home: Path, run: str) -> str:
    return str(ask_server(f"{url}/flow_runs/{run}", home=home)["state_type"])


@pytest.mark.parametrize("which", ["server", "server and watcher"])
def test_a_server_killed_in_the_middle_of_a_run_costs_no_answer(
    which: str, endpoint: Endpoint, home: Path, tmp_path: Path
) -> None:
    tasks = write_digits(tmp_path, count=QUESTIONS)
    asked = [
        *("run", "-m", f"openai:{endpoint.model}", "-M", f"base_url={endpoint.url}", "-M", "concurrency=4"),
        *("-t", "digits", "--tasks-dir", str(tasks), "--json"),
    ]
    running = subprocess.Popen(
        [*ASSAY, *asked], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until(lambda: endpoint.answered > QUESTIONS / 4)
        watcher = orjson.loads((home / "run" / "server.json").read_bytes())["pid"]
        killed = time.monotonic()
        if which == "server":
            listed = subprocess.run(["pgrep", "-P", str(watcher)], capture_output=True, text=True, check=True)
            os.kill(int(listed.stdout.split()[0]), signal.SIGKILL)
        else:
            os.killpg(watcher, signal.SIGKILL)
        out, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert time.monotonic() - killed < 90
    if running.returncode:
        assert running.returncode == 3, err
        assert "Prefect server" in err
        out = run_assay(*asked, home=home).stdout
    run = orjson.loads(out)["runs"][0]
    assert run["counts"]["scored"] == QUESTIONS
    assert endpoint.repeats <= 4


def test_the_server_ends_with_its_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = "from assay.prefect_server import ensure; print(ensure(keep=True).pid)"
    started = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, text=True, check=True
    )
    pid = int(started.stdout)
    subprocess.run(["rm", "-rf", home], check=True)
    until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not _group(pid), seconds=20)
    assert not home.exists()


def _group(pid: int) -> bool:
    listed = subprocess.run(["pgrep", "-g", str(pid)], capture_output=True, check=False)
    return listed.returncode == 0
