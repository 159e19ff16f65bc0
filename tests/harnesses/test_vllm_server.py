"""What is started is ended, however this process ends; with a stand-in for vLLM that starts at once."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.errors import EndpointRefused
from assay.records import Call, Sampling
from harnesses.engine.engine import Engine
from harnesses.providers.catalog import open_provider
from harnesses.providers.protocol import Provider
from harnesses.providers.vllm import process
from harnesses.providers.vllm.keeper import members
from harnesses.providers.vllm.process import sweep

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc to look at"),
]
STAND_IN = Path(__file__).parent.parent / "vllm" / "stand_in.py"
CALL = Call(prompt="hello", sampling=Sampling(max_tokens=4))


class StandIn:
    """A checkpoint, an interpreter that runs the stand-in, and what that noted."""

    def __init__(self, folder: Path) -> None:
        self.checkpoint = folder / "run" / "step-7"
        self.checkpoint.mkdir(parents=True)
        (self.checkpoint / "model.safetensors").write_bytes(b"weights")
        self.python = folder / "python"
        self.python.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
        self.python.chmod(0o755)
        self.notes = folder / "notes"

    def provider(self, how: str = "", **settings: str) -> Provider:
        given = {"python": str(self.python), "env": f"STAND_IN_NOTES={self.notes} STAND_IN={how}", **settings}
        return open_provider(f"vllm:{self.checkpoint}", given).provider

    def noted(self, what: str = "") -> list[int]:
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith(what)]

    @property
    def alive(self) -> list[int]:
        return [pid for pid in self.noted() if living(pid)]


def living(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(so: Callable[[], bool], *, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return so()


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(process, "GRACE", 1.0)
    return StandIn(tmp_path)


async def test_answers_and_leaves_no_process(stand_in: StandIn) -> None:
    provider = stand_in.provider()
    checkpoint = await provider.checkpoint()
    assert (checkpoint.proven, checkpoint.training_run, checkpoint.step) == (True, "run", 7)
    assert not stand_in.noted()
    await provider.ready()
    completion = await provider.complete(CALL)
    assert completion is not None
    assert completion.text.startswith("hello at ")
    assert len(stand_in.alive) == 2
    await provider.aclose()
    assert not stand_in.alive
    assert not list((process.folder() / "vllm").glob("*.json"))


async def test_nothing_is_started_where_nothing_is_asked(stand_in: StandIn) -> None:
    provider = stand_in.provider()
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    await provider.prove("loglikelihood")
    await engine.aclose()
    assert not stand_in.noted()


async def test_one_that_does_not_listen_is_killed(stand_in: StandIn) -> None:
    provider = stand_in.provider("stubborn")
    await provider.ready()
    assert len(stand_in.alive) == 2
    await provider.aclose()
    assert not stand_in.alive


async def test_a_start_that_fails_says_the_first_error(stand_in: StandIn) -> None:
    provider = stand_in.provider("crash")
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    with pytest.raises(EndpointRefused, match=r"has ended: ValueError: no such architecture\. Its log is"):
        await engine.complete(CALL)
    await engine.aclose()
    assert len(stand_in.noted("server")) == 1
    assert not stand_in.alive


async def test_a_start_that_takes_too_long_is_given_up(stand_in: StandIn) -> None:
    provider = stand_in.provider("silent", start_timeout="1")
    with pytest.raises(EndpointRefused, match=r"did not answer within 1 s.*start_timeout"):
        await provider.ready()
    assert not stand_in.alive


async def test_an_interrupted_start_leaves_no_process(stand_in: StandIn) -> None:
    provider = stand_in.provider("silent")
    starting = asyncio.create_task(provider.ready())
    while len(stand_in.noted()) < 2:
        await asyncio.sleep(0.02)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not stand_in.alive


async def test_one_that_dies_in_mid_run_says_why(stand_in: StandIn) -> None:
    provider = stand_in.provider("die")
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    with pytest.raises(EndpointRefused, match=r"out of memory.*gpu_memory_utilization"):
        await engine.complete(CALL)
    await engine.aclose()
    assert not stand_in.alive


async def test_an_interpreter_without_vllm_is_one_sentence(stand_in: StandIn) -> None:
    provider = stand_in.provider(python=sys.executable)
    with pytest.raises(EndpointRefused, match=r"No module named .*-M python="):
        await provider.ready()


async def test_replicas_share_the_work(stand_in: StandIn) -> None:
    provider = stand_in.provider(replicas="2")
    await provider.ready()
    answers = await asyncio.gather(*(provider.complete(CALL) for _ in range(8)))
    assert len({answer.text for answer in answers if answer is not None}) == 2
    await provider.aclose()
    assert not stand_in.alive


async def test_nodes_are_all_ended(stand_in: StandIn) -> None:
    provider = stand_in.provider(nnodes="2", tensor_parallel="2")
    await provider.ready()
    assert eventually(lambda: len(stand_in.alive) == 4)
    await provider.aclose()
    assert not stand_in.alive


OWNER = """
import asyncio, sys
from harnesses.providers.catalog import open_provider
from harnesses.providers.vllm import process

process.GRACE = 1.0

async def main():
    provider = open_provider(sys.argv[1], dict(a.split("=", 1) for a in sys.argv[2:])).provider
    await provider.ready()
    print("ready", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def owner(stand_in: StandIn) -> subprocess.Popen[str]:
    """Start a process that owns a server and does nothing."""
    settings = [f"python={stand_in.python}", f"env=STAND_IN_NOTES={stand_in.notes}"]
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, f"vllm:{stand_in.checkpoint}", *settings],
        stdout=subprocess.PIPE,
        text=True,
        cwd=STAND_IN.parent.parent.parent,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_does_not_outlive_its_owner(stand_in: StandIn, sign: signal.Signals) -> None:
    process = owner(stand_in)
    process.send_signal(sign)
    process.wait(30)
    # The engine of the stand-in does not listen, so it takes until the grace time is over.
    assert eventually(lambda: not stand_in.alive, seconds=40)


def test_what_outlived_owner_and_keeper_is_swept_by_the_next_start(stand_in: StandIn) -> None:
    process = owner(stand_in)
    keeper = os.getsid(stand_in.noted("server")[0])
    os.kill(keeper, signal.SIGKILL)
    process.kill()
    process.wait(10)
    assert len(stand_in.alive) == 2
    assert sweep() == 1
    assert not stand_in.alive
    assert not members(keeper)
    assert sweep() == 0


def test_the_sweep_leaves_what_has_an_owner(stand_in: StandIn) -> None:
    process = owner(stand_in)
    assert sweep() == 0
    assert len(stand_in.alive) == 2
    process.kill()
    process.wait(10)
    assert eventually(lambda: not stand_in.alive, seconds=40)


async def test_another_format_is_converted_once(stand_in: StandIn, tmp_path: Path) -> None:
    tool = tmp_path / "tool.py"
    tool.write_text(
        "import pathlib, sys\n"
        f"pathlib.Path({str(tmp_path / 'ran')!r}).open('a').write('x')\n"
        "out = pathlib.Path(sys.argv[2])\n"
        "(out / 'model.safetensors').write_bytes(pathlib.Path(sys.argv[1], 'raw').read_bytes())\n"
    )
    (stand_in.checkpoint / "raw").write_text("raw")
    command = f"{sys.executable} {tool} {{checkpoint}} {{output}}"
    fingerprints = []
    for _ in range(2):
        provider = stand_in.provider(convert=command)
        fingerprints.append((await provider.checkpoint()).fingerprint)
        await provider.ready()
        await provider.aclose()
    assert (tmp_path / "ran").read_text() == "x"
    assert fingerprints[0] == fingerprints[1]
    (stand_in.checkpoint / "raw").write_text("other")
    assert (await stand_in.provider(convert=command).checkpoint()).fingerprint != fingerprints[0]


async def test_a_conversion_that_fails_shows_what_it_said(stand_in: StandIn) -> None:
    command = f"{sys.executable} -c 'import sys; sys.exit(\"bad shard\")' {{checkpoint}} {{output}}"
    provider = stand_in.provider(convert=command)
    with pytest.raises(EndpointRefused, match="exit code 1: bad shard"):
        await provider.ready()
