"""What every backend must do alike; each is skipped only with what its probe said."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends import docker as docker_backend
from sandbox.backends.container import ContainerSandbox
from sandbox.planner import Plan
from sandbox.pool import Pool
from sandbox.programs import run_python
from sandbox.protocol import Backend, Limits, Sandbox, SandboxSpec
from tests.sandbox.conftest import EVERY, working

pytestmark = pytest.mark.anyio


@pytest.fixture(params=list(EVERY))
async def backend(request: pytest.FixtureRequest) -> Backend:
    """Each backend that isolates."""
    return await working(request.param)


@pytest.fixture
async def box(backend: Backend) -> AsyncIterator[Sandbox]:
    """A lease of each."""
    sandbox = await backend.acquire(SandboxSpec())
    yield sandbox
    await sandbox.close()


async def python(box: Sandbox, source: str, **limits: float) -> tuple[str, bytes]:
    """Run a program; returns its ending and what it printed."""
    result = await box.exec(["python3", "-I", "-c", source], limits=Limits(**{"seconds": 20, **limits}))  # type: ignore[arg-type]
    return result.ending, result.stdout


async def test_arguments_input_environment_and_codes_arrive(box: Sandbox) -> None:
    script = 'cat; echo "$1 $FOO"; echo no >&2; exit 7'
    result = await box.exec(["sh", "-c", script, "sh", "a b"], stdin=b"in\n", env={"FOO": "bar"})
    assert (result.stdout, result.stderr) == (b"in\na b bar\n", b"no\n")
    assert (result.code, result.ending, result.truncated) == (7, "nonzero", False)


async def test_large_input_arrives_whole_and_may_be_left(box: Sandbox) -> None:
    assert (await box.exec(["wc", "-c"], stdin=bytes(1 << 22))).stdout.strip() == b"4194304"
    assert (await box.exec(["true"], stdin=bytes(1 << 22))).ending == "ok"


async def test_files_last_until_the_reset(box: Sandbox) -> None:
    await box.write("data/in.txt", b"hello")
    assert (await box.exec(["sh", "-c", "cat data/in.txt > out.txt"])).ending == "ok"
    assert await box.read("/work/out.txt") == b"hello"
    with pytest.raises(SandboxError, match="larger than 4 bytes"):
        await box.read("out.txt", limit=4)
    await box.exec(["sh", "-c", "echo x > /tmp/left; echo x > /dev/shm/left"])
    await box.reset()
    assert (await box.exec(["ls", "-A", "/work", "/tmp", "/dev/shm"])).stdout.count(b"\n") <= 5
    with pytest.raises(SandboxError):
        await box.read("out.txt")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "missing", "pipe"])
async def test_paths_that_lead_out_or_nowhere_are_refused(box: Sandbox, path: str) -> None:
    await box.exec(["mkfifo", "pipe"])
    with pytest.raises(SandboxError):
        await box.read(path)


async def test_endings_are_told(box: Sandbox) -> None:
    assert (await python(box, "while True: pass", seconds=1))[0] == "timeout"
    ending, printed = await python(box, "while True: print('x' * 999)", output=10_000)
    assert (ending, len(printed)) == ("output_limit", 10_000)
    assert (await python(box, "import os; os.kill(os.getpid(), 9)"))[0] == "killed"
    assert await python(box, "print(1)") == ("ok", b"1\n")


async def test_fork_bomb_and_hoards_leave_the_sandbox_usable(box: Sandbox) -> None:
    bomb = "import os, time\ntry:\n    while True: os.fork()\nexcept OSError: time.sleep(60)"
    began = monotonic()
    assert (await python(box, bomb, seconds=2))[0] in {"timeout", "killed", "oom"}
    assert monotonic() - began < 30
    hoard = "kept = [bytearray(b'x' * (64 << 20)) for _ in range(40)]; print('held')"
    assert b"held" not in (await python(box, hoard))[1]
    disk = "for i in range(9999): open(f'/work/{i}', 'wb').write(bytes(1 << 20))\nprint('held')"
    assert b"held" not in (await python(box, disk))[1]
    await box.reset()
    assert await python(box, "print(1)") == ("ok", b"1\n")


async def test_no_network_no_rights_nothing_of_ours(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "swordfish")
    source = """
import os, socket
assert os.getuid() == 65534
assert "SOME_API_KEY" not in os.environ
assert not [l for l in open("/proc/self/status") if l.startswith("CapEff") and int(l.split()[1], 16)]
for place in ("127.0.0.1", 22), ("192.0.2.1", 80):
    try: socket.create_connection(place, timeout=1)
    except OSError: continue
    raise AssertionError(place)
for path in "/new", "/etc/new", "/usr/new":
    try: open(path, "w")
    except OSError: continue
    raise AssertionError(path)
"""
    program = await run_python(box, source, limits=Limits(seconds=20))
    assert program.passed, program.stderr_tail


async def test_verdicts_are_the_same(box: Sandbox) -> None:
    for source, passed in (("assert 1", True), ("assert 0", False), ("import os; os._exit(0)", False)):
        assert (await run_python(box, source, limits=Limits(seconds=20))).passed is passed


async def test_pool_leases_are_apart(backend: Backend) -> None:
    async def work(pool: Pool, word: str) -> tuple[bytes, bytes]:
        async with pool.lease() as sandbox:
            before = (await sandbox.exec(["ls", "-A"])).stdout
            await sandbox.write("word", word.encode())
            return before, await sandbox.read("word")

    async with Pool(Plan(backend=backend, needs=frozenset({"bash"}), reason=""), size=2) as pool:
        words = [f"word{i}" for i in range(4)]
        results = await asyncio.gather(*(work(pool, word) for word in words))
    assert results == [(b"", word.encode()) for word in words]


async def test_cancelled_program_is_ended_and_close_may_be_called_twice(backend: Backend) -> None:
    box = await backend.acquire(SandboxSpec())
    running = asyncio.create_task(box.exec(["sleep", "60"], limits=Limits(seconds=60)))
    await asyncio.sleep(0.5)
    running.cancel()
    began = monotonic()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert monotonic() - began < 20
    await box.close()
    await box.close()


async def test_container_that_died_is_unavailable_and_replaced() -> None:
    backend = await working("docker")
    async with Pool(Plan(backend=backend, needs=frozenset({"python"}), reason=""), size=1) as pool:
        async with pool.lease() as box:
            assert isinstance(box, ContainerSandbox)
            box._container.remove(force=True)
            with pytest.raises(SandboxUnavailable):
                await box.exec(["true"])
        async with pool.lease() as box:
            assert (await box.exec(["true"])).ending == "ok"


async def test_containers_of_dead_processes_are_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = await working("docker")
    dead = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout
    owner = docker_backend._owner().rpartition(":")[0]
    monkeypatch.setattr(docker_backend, "_owner", lambda: f"{owner}:{dead.strip()}")
    left = await backend.acquire(SandboxSpec())
    monkeypatch.undo()
    kept = await backend.acquire(SandboxSpec())
    assert await backend.collect() == 1
    with pytest.raises(SandboxUnavailable):
        await left.exec(["true"])
    assert (await kept.exec(["true"])).ending == "ok"
    await left.close()
    await kept.close()


def test_required_backends_are_known() -> None:
    required = {name for name in os.environ.get("REQUIRE_SANDBOX", "").split(",") if name}
    assert required <= {*EVERY, "unsafe-local"}
