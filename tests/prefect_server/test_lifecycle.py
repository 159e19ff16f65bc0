"""The server of a home: found again, shared, replaced when it is gone."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.errors import ServerError
from assay.prefect_server import ensure, find, stop
from assay.prefect_server.environment import LEISURELY
from assay.prefect_server.lifecycle import healthy
from assay.processes import Process, began, end, start

SETTINGS = ("PREFECT_API_URL", "ASSAY_OWN_SERVER", "PREFECT_HOME", "PREFECT_PROFILES_PATH")


@pytest.fixture
def home(assay_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in SETTINGS:
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    yield assay_home
    stop()


def state(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((home / "run" / "server.json").read_text())
    return found


def bind(taken: socket.socket, port: int) -> None:
    """Take a port as soon as the killed server has let go of it."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return taken.bind(("127.0.0.1", port))
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.e2e
def test_one_server_is_started_by_two_at_once_and_survives_what_befalls_it(home: Path) -> None:
    code = "from assay.prefect_server import ensure; print(ensure().url)"
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    urls = {process.communicate(timeout=120)[0].strip() for process in both}
    assert len(urls) == 1
    first = ensure()
    assert urls == {first.url}
    assert not first.kept
    assert first.pid is not None
    watcher = Path(f"/proc/{first.pid}/environ")
    if watcher.exists():
        assert {f"{name}={value}" for name, value in LEISURELY.items()} <= set(
            watcher.read_text().split("\0")
        )
    assert ensure(keep=True).kept
    assert first.pid is not None

    os.killpg(first.pid, signal.SIGKILL)
    port = int(str(state(home)["port"]))
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bind(taken, port)
        taken.listen()
        second = ensure()
    assert second.pid != first.pid
    assert not second.url.endswith(f":{port}/api")
    assert healthy(second.url)
    assert stop()
    assert find() is None
    assert not stop()


def test_a_stale_pid_of_another_process_is_not_taken_for_the_server(home: Path) -> None:
    folder = home / "run"
    folder.mkdir(parents=True)
    (folder / "server.json").write_text(
        json.dumps({"pid": os.getpid(), "began": "1", "port": 9, "kept": False})
    )
    assert find() is None
    assert not stop()


def test_a_state_file_cut_short_is_no_server(home: Path) -> None:
    (home / "run").mkdir(parents=True)
    (home / "run" / "server.json").write_text('{"pid": 1')
    assert find() is None


def test_a_server_of_ones_own_that_is_down_is_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://user:secret@127.0.0.1:9/api")
    with pytest.raises(ServerError, match="No Prefect server answers at") as caught:
        ensure()
    assert "secret" not in str(caught.value)


def test_a_home_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(ServerError, match="cannot be made"):
        ensure()


def test_a_process_is_ended_with_all_it_has_started(assay_home: Path) -> None:
    argv = [
        sys.executable,
        "-c",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])",
    ]
    process = start(argv, environment=dict(os.environ), log=assay_home / "log")
    time.sleep(0.3)
    assert process.alive
    end(process)
    assert not process.alive
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_recycled_number_is_another_process() -> None:
    assert Process(os.getpid(), began(os.getpid())).alive
    assert not Process(os.getpid(), "0").alive
