"""What is wrong outside shows as one sentence with a remedy, and leaves nothing half-written."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.e2e.conftest import ASSAY, Command, environment, run_assay, secret_of, told
from tests.e2e.digits import rows, write_digits
from tests.endpoint import Endpoint, refuse

pytestmark = pytest.mark.e2e
QUESTIONS = 60


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A folder with the task `digits`; its rows lie in `rows.jsonl`."""
    return write_digits(tmp_path, count=QUESTIONS)


def asking(endpoint: Endpoint, tasks: Path, *more: str) -> list[str]:
    return [
        "run", "-m", f"openai:{endpoint.model}", "-M", f"base_url={endpoint.url}",
        "-t", "digits", "--tasks-dir", str(tasks), *more,
    ]  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *, code: int, words: str) -> None:
    """One sentence with a remedy on standard error, beside the address of the Prefect UI."""
    assert done.returncode == code, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("Prefect UI: ")]
    assert len(said) == 1, done.stderr
    assert said[0].startswith("error: ")
    assert words in said[0]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "rows"),
        ('{"id": "q0", "text": "What?"}\n', "answer"),
        (rows(2) + "{broken\n", "rows.jsonl"),
        (rows(3) + rows(1), "q0"),
        ("\x00\x01binary", "rows.jsonl"),
    ],
    ids=["empty", "a field is missing", "a line is broken", "an id twice", "no text"],
)
def test_a_data_set_that_cannot_be_used(
    assay: Command, endpoint: Endpoint, tasks: Path, text: str, words: str
) -> None:
    (tasks / "rows.jsonl").write_text(text)
    done = assay(*asking(endpoint, tasks))
    refused(done, code=3, words=words)
    assert done.stdout == ""
    assert not endpoint.bodies


def test_a_data_file_that_is_not_there(assay: Command, endpoint: Endpoint, tasks: Path) -> None:
    (tasks / "rows.jsonl").unlink()
    refused(assay(*asking(endpoint, tasks)), code=3, words="rows.jsonl")


@pytest.mark.parametrize("content", [None, b"no parquet"], ids=["missing", "unreadable"])
def test_a_mirror_that_cannot_be_used(
    assay: Command, endpoint: Endpoint, tmp_path: Path, content: bytes | None
) -> None:
    mirror = tmp_path / "mirror"
    if content is not None:
        file = mirror / "openai" / "gsm8k" / "main" / "test.parquet"
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    done = assay(
        "run", "-m", f"openai:{endpoint.model}", "-M", f"base_url={endpoint.url}", "-t", "gsm8k",
        "--limit", "2", ASSAY_DATASETS_DIR=str(mirror),
    )  # fmt: skip
    refused(done, code=3, words=str(mirror))
    assert done.stdout == ""


def test_a_wrong_key_is_told_without_the_key(assay: Command, endpoint: Endpoint, tasks: Path) -> None:
    endpoint.key = "the-right-one"
    done = assay(*asking(endpoint, tasks, "-M", "api_key=sk-the-wrong-one"))
    refused(done, code=3, words="key")
    assert "sk-the-wrong-one" not in done.stderr
    assert len(endpoint.bodies) == 0


def test_a_model_that_the_endpoint_does_not_have(assay: Command, endpoint: Endpoint, tasks: Path) -> None:
    endpoint.fault = lambda number: refuse(404, "The model `other` does not exist.")
    done = assay(*asking(endpoint, tasks, "--json"))
    refused(done, code=3, words="other")


def test_a_context_that_is_too_long_fails_these_samples_and_says_so(
    assay: Command, endpoint: Endpoint, tasks: Path
) -> None:
    endpoint.context = len("Question 10?") - 1
    done = assay(*asking(endpoint, tasks, "--json"))
    refused(done, code=1, words="50 of 60 samples failed")
    (run,) = orjson.loads(done.stdout)["runs"]
    assert run["status"] == "failed"
    assert run["counts"]["failed"] == 50
    assert run["metrics"]["accuracy"]["n"] == 10


def _heeding_interrupts() -> None:
    """A process started in the background of a shell inherits that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
def test_an_interrupted_run_says_so_and_goes_on(
    sign: signal.Signals, assay: Command, endpoint: Endpoint, tasks: Path, shared_home: Path
) -> None:
    told(assay("tasks", "--json"))
    endpoint.latency = 0.2
    command = asking(endpoint, tasks, "-M", "concurrency=4", "--json")
    running = subprocess.Popen(
        [*ASSAY, *command], env=environment(shared_home), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, preexec_fn=_heeding_interrupts,  # noqa: PLW1509
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while endpoint.answered < QUESTIONS / 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(running.pid, sign)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert out == ""
    assert "the same command goes on from there" in err
    assert "Traceback" not in err
    endpoint.latency = 0.0
    run = told(assay(*command))["runs"][0]
    assert run["counts"]["scored"] == QUESTIONS
    assert sum(endpoint.seen.values()) - len(endpoint.seen) <= 8


def test_a_server_of_ones_own_that_is_down(assay: Command, endpoint: Endpoint, tasks: Path) -> None:
    done = assay(*asking(endpoint, tasks), PREFECT_API_URL="http://127.0.0.1:9/api")
    refused(done, code=3, words="correct PREFECT_API_URL")
    assert done.stdout == ""


def test_a_server_that_was_killed_is_replaced(
    assay: Command, endpoint: Endpoint, tasks: Path, shared_home: Path
) -> None:
    told(assay(*asking(endpoint, tasks, "--limit", "2", "--json")))
    state = orjson.loads((shared_home / "run" / "server.json").read_bytes())
    os.killpg(state["pid"], signal.SIGKILL)
    run = told(assay(*asking(endpoint, tasks, "--limit", "3", "--json")))["runs"][0]
    assert run["counts"]["scored"] == 3


def test_two_commands_at_once_share_a_server(endpoint: Endpoint, tasks: Path, shared_home: Path) -> None:
    both = [
        subprocess.Popen(
            [*ASSAY, *asking(endpoint, tasks, "--limit", str(limit), "--json")],
            env=environment(shared_home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for limit in (4, 5)
    ]  # fmt: skip
    for limit, process in zip((4, 5), both, strict=True):
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert orjson.loads(out)["runs"][0]["counts"]["scored"] == limit


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    run_assay("down", home=folder)
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_one_sentence(
    small_disk: Path, endpoint: Endpoint, tasks: Path, assay: Command, shared_home: Path
) -> None:
    url = str(told(assay("up", "--json"))["url"])
    server = {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": secret_of(shared_home)}
    refused(
        run_assay(*asking(endpoint, tasks, "--json"), home=small_disk, PREFECT_API_URL=url),
        code=3,
        words="PREFECT_API_AUTH_STRING",
    )
    done = run_assay(*asking(endpoint, tasks, "--json"), home=small_disk, **server)
    if done.returncode == 0:
        (small_disk / "filler").write_bytes(b"x" * _free(small_disk))
        done = run_assay(*asking(endpoint, tasks, "--json", "--fresh"), home=small_disk, **server)
    refused(done, code=3, words="disk")
    (small_disk / "filler").unlink(missing_ok=True)
    run = told(run_assay(*asking(endpoint, tasks, "--json", "--fresh"), home=small_disk, **server))
    assert run["runs"][0]["counts"]["scored"] == QUESTIONS


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def test_a_home_that_is_read_only_is_one_sentence(small_disk: Path, endpoint: Endpoint, tasks: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for command in (asking(endpoint, tasks), ["runs"], ["up"]):
        done = run_assay(*command, home=small_disk)
        refused_last = done.stderr.splitlines()[-1]
        assert done.returncode == 3
        assert "ASSAY_HOME" in refused_last
        assert "Traceback" not in done.stderr
    assert run_assay("status", "--json", home=small_disk).returncode == 0
    assert not list(small_disk.iterdir())
