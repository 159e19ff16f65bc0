"""Whole commands with a real vLLM: they evaluate, and leave no process behind however they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from tests.vllm.conftest import ENVIRONMENT, SETTINGS, engines

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(500)]
ASSAY = [sys.executable, "-c", "from assay.cli import main; main()"]
WITHIN = 30.0


def command(checkpoint: Path, *more: str, env: str = ENVIRONMENT) -> list[str]:
    settings = [word for key, value in {**SETTINGS, "env": env}.items() for word in ("-M", f"{key}={value}")]
    return [*ASSAY, "run", "-m", f"vllm:{checkpoint}", *settings, *more]


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + WITHIN
    while (left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not left


def test_a_command_evaluates_and_then_needs_no_server(checkpoints: Path, assay_home: Path) -> None:
    tasks = ["-t", "demo_words", "-t", "demo_letters", "--limit", "10", "--json"]
    environment = {**os.environ, "ASSAY_HOME": str(assay_home)}
    try:
        for first in (True, False):
            ran = subprocess.run(
                command(checkpoints / "base", *tasks),
                env=environment, capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stderr
            runs = orjson.loads(ran.stdout)["runs"]
            assert [run["counts"]["failed"] for run in runs] == [0, 0]
            assert [run["requested"] > 0 for run in runs] == [first, first]
            assert not engines(assay_home)
        assert len(list((assay_home / "logs" / "vllm").glob("*.log"))) == 1
    finally:
        subprocess.run([*ASSAY, "down"], env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_no_engine_outlives_the_command(checkpoints: Path, assay_home: Path, sign: signal.Signals) -> None:
    environment = {**os.environ, "ASSAY_HOME": str(assay_home)}
    # What runs tests in the background ignores Ctrl-C, and what it starts does so too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        command(checkpoints / "base", "-t", "demo_words"),
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 300
        # The keeper, the API server, its resource tracker, the engine, the worker.
        while len(engines(assay_home)) < 5:
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        started = engines(assay_home)
        running.send_signal(sign)
        running.wait(WITHIN)
        assert gone(started)
    finally:
        signal.signal(signal.SIGINT, before)
        running.kill()
        subprocess.run([*ASSAY, "down"], env=environment, capture_output=True, check=False)
