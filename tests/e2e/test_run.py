"""Runs against a real endpoint over HTTP: faults, kills, wrong commands."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import ASSAY, Command, environment, told
from tests.e2e.digits import write_digits
from tests.endpoint import Endpoint, refuse

pytestmark = pytest.mark.e2e
QUESTIONS = 300


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_digits(tmp_path_factory.mktemp("tasks"), count=QUESTIONS)


def command(endpoint: Endpoint, tasks: Path, *more: str) -> list[str]:
    return [
        "run", "-m", f"openai:{endpoint.model}", "-M", f"base_url={endpoint.url}", "-M", "concurrency=8",
        "-t", "digits", "--tasks-dir", str(tasks), *more,
    ]  # fmt: skip


def test_a_run_prints_one_json_object_with_scores_and_counts(
    assay: Command, endpoint: Endpoint, tasks: Path
) -> None:
    run = told(assay(*command(endpoint, tasks, "--json")))["runs"][0]
    assert run["status"] == "completed"
    assert run["counts"]["expected"] == run["counts"]["scored"] == QUESTIONS
    accuracy = run["metrics"]["accuracy"]
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    assert accuracy["mde"] > accuracy["se"] > 0
    assert len(endpoint.bodies) == QUESTIONS


def test_several_checkpoints_are_all_evaluated(assay: Command, tasks: Path, tmp_path: Path) -> None:
    for step in (10, 7):
        (tmp_path / f"step-{step}.py").write_text(f"def complete(call):\n    return 'It is {step}'\n")
    shared = ("--run", "trained", "-t", "digits", "--tasks-dir", str(tasks), "--limit", "20")
    command = ("run", "-m", f"scripted:{tmp_path}/step-*.py", *shared)
    runs = told(assay(*command, "--json"))["runs"]
    assert [run["checkpoint"] for run in runs] == [f"scripted:{tmp_path}/step-{step}.py" for step in (7, 10)]
    assert {run["counts"]["expected"] for run in runs} == {20}
    again = assay(*command).stdout
    assert "trained@7" in again
    assert "trained@10" in again


def test_answers_that_nobody_understood_are_an_error_where_that_is_strict(
    assay: Command, tasks: Path, tmp_path: Path
) -> None:
    (tmp_path / "mute.py").write_text("def complete(call):\n    return 'no number'\n")
    shared = ("-t", "digits", "--tasks-dir", str(tasks), "--limit", "20", "--json")
    lenient = assay("run", "-m", f"scripted:{tmp_path}/mute.py", *shared)
    (run,) = told(lenient)["runs"]
    assert run["status"] == "completed"
    assert "20 of 20 answers hold nothing" in run["warnings"][0]
    strict = assay("run", "-m", f"scripted:{tmp_path}/mute.py", "--strict", *shared)
    assert strict.returncode == 1
    assert f"{run['id']} (digits)" in strict.stderr


def test_injected_faults_give_the_same_scores(assay: Command, endpoint: Endpoint, tasks: Path) -> None:
    good = told(assay(*command(endpoint, tasks, "--json")))["runs"][0]
    endpoint.fault = lambda number: refuse(500, "injected") if number % 19 == 0 else None
    faulty = told(assay(*command(endpoint, tasks, "--fresh", "--json")))["runs"][0]
    assert faulty["metrics"] == good["metrics"]
    assert faulty["counts"] == good["counts"]


def test_a_killed_run_goes_on_with_only_what_was_in_flight_asked_again(
    assay: Command, endpoint: Endpoint, tasks: Path, shared_home: Path
) -> None:
    told(assay("tasks", "--json"))
    endpoint.latency = 0.05
    killed = subprocess.Popen(
        [*ASSAY, *command(endpoint, tasks)], env=environment(shared_home), stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while endpoint.answered < QUESTIONS / 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    before = len(endpoint.bodies)
    assert before < QUESTIONS
    run = told(assay(*command(endpoint, tasks, "--json")))["runs"][0]
    assert run["counts"]["scored"] == QUESTIONS
    repeats = sum(endpoint.seen.values()) - len(endpoint.seen)
    assert repeats <= 8


def test_a_run_with_failures_says_so_and_resumes(assay: Command, endpoint: Endpoint, tasks: Path) -> None:
    endpoint.fault = lambda number: refuse(422, "no") if 20 <= number < 25 or number > 300 else None
    failed = assay(*command(endpoint, tasks, "--json", "--fresh"))
    assert failed.returncode == 1
    assert "5 of 300 samples failed" in failed.stderr
    assert '"failed":5' in failed.stdout.replace(" ", "")
    endpoint.fault = lambda number: None
    sent = len(endpoint.bodies)
    run = told(assay(*command(endpoint, tasks, "--json", "--fresh")))["runs"][0]
    assert run["counts"]["scored"] == QUESTIONS
    assert len(endpoint.bodies) - sent == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "-m", "openai:m", "-t", "gsm8x"], "Did you mean gsm8k"),
        (["run", "-m", "openai:m", "-t", "gsm8k:6shit"], "no variant of gsm8k"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-o", "shoots=3"], "Did you mean shots"),
        (["run", "-m", "openai:m", "-o", "shots=3", "-t", "gsm8k"], "before any task"),
        (["run", "-m", "opnai:m", "-t", "gsm8k"], "Did you mean openai"),
        (["run", "-m", "gpt-4", "-t", "gsm8k"], "names no provider"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-H", "plane"], "Did you mean plain"),
        (["run", "-m", "openai:m", "-t", "gsm8k", "-M", "bas_url=x"], "Did you mean base_url"),
        (["compare", "aaaa", "bbbb"], "There is no run"),
        (["tasks", "show", "nothing"], "There is no task"),
    ],
)
def test_a_wrong_command_is_one_sentence_with_a_remedy(
    assay: Command, arguments: list[str], said: str
) -> None:
    done = assay(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_endpoint_that_is_down_is_one_sentence(assay: Command, tasks: Path) -> None:
    nowhere = Endpoint(url="http://127.0.0.1:9/v1")
    done = assay(*command(nowhere, tasks))
    assert done.returncode == 3
    assert "Nothing answers at http://127.0.0.1:9/v1" in done.stderr
    assert "Traceback" not in done.stderr


def test_keys_are_in_no_file_that_is_kept(
    assay: Command, endpoint: Endpoint, tasks: Path, shared_home: Path
) -> None:
    secret = "sk-never-to-be-kept-123"
    endpoint.key = secret
    told(assay(*command(endpoint, tasks, "-M", f"api_key={secret}", "--limit", "3", "--json")))
    kept = [file for file in shared_home.rglob("*") if file.is_file()]
    assert not [file for file in kept if secret.encode() in file.read_bytes()]
