"""Files of a lease: what is written is there until it is reset or closed, and nothing else is."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends.folder import PREFIX, WorkFolder
from sandbox.backends.leased import WorkerSandbox
from sandbox.backends.local import LocalBackend
from sandbox.backends.view import WORK
from sandbox.protocol import Limits, Missing, Sandbox, SandboxSpec
from tests.sandbox.conftest import ISOLATED, working

pytestmark = pytest.mark.anyio


async def test_files_last_from_one_program_to_the_next(any_box: Sandbox) -> None:
    await any_box.write("data/in.txt", b"hello")
    await any_box.write(f"{WORK}/other.txt", b"there")
    result = await any_box.exec(["sh", "-c", "cat data/in.txt other.txt > out.txt; echo more >> data/in.txt"])
    assert result.ending == "ok", result.stderr
    assert await any_box.read("out.txt") == b"hellothere"
    assert (await any_box.exec(["cat", "out.txt"])).stdout == b"hellothere"
    assert await any_box.read(f"{WORK}/data/in.txt") == b"hellomore\n"


async def test_reset_empties(any_box: Sandbox) -> None:
    await any_box.write("a/b", b"x")
    await any_box.reset()
    assert (await any_box.exec(["ls", "-A"])).stdout == b""
    await any_box.write("a", b"y")
    assert await any_box.read("a") == b"y"


async def test_arguments_input_environment_and_codes_arrive(any_box: Sandbox) -> None:
    result = await any_box.exec(
        ["sh", "-c", 'cat; echo "$1 $FOO"; echo no >&2; exit 7', "sh", "a b"],
        stdin=b"in\n",
        env={"FOO": "bar"},
    )
    assert result.stdout == b"in\na b bar\n"
    assert result.stderr == b"no\n"
    assert (result.code, result.ending, result.truncated) == (7, "nonzero", False)


async def test_large_input_that_nobody_reads_is_no_failure(any_box: Sandbox) -> None:
    assert (await any_box.exec(["true"], stdin=bytes(1 << 22))).ending == "ok"


async def test_large_input_arrives_whole(any_box: Sandbox) -> None:
    assert (await any_box.exec(["wc", "-c"], stdin=bytes(1 << 22))).stdout.strip() == b"4194304"


async def test_unknown_program_is_the_programs_failure(any_box: Sandbox) -> None:
    result = await any_box.exec(["no-such-program"])
    assert result.ending == "nonzero"
    assert b"no-such-program" in result.stderr


async def test_program_that_looks_like_a_broken_sandbox_is_a_result(any_box: Sandbox) -> None:
    result = await any_box.exec(["sh", "-c", "echo bwrap: broken >&2; exit 125"])
    assert (result.code, result.ending) == (125, "nonzero")


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "link", "folder/passwd", "missing", "pipe", "loop", "."]
)
async def test_paths_that_lead_out_or_nowhere_are_refused(any_box: Sandbox, path: str) -> None:
    links = "ln -s /etc/passwd link; ln -s /etc folder; mkfifo pipe; ln -s loop loop"
    assert (await any_box.exec(["sh", "-c", links])).ending == "ok"
    with pytest.raises(SandboxError):
        await any_box.read(path)
    if path not in {"missing", "pipe"}:
        with pytest.raises(SandboxError):
            await any_box.write(path, b"x")


async def test_large_file_is_refused(any_box: Sandbox) -> None:
    await any_box.write("a", b"12345")
    assert await any_box.read("a", limit=5) == b"12345"
    with pytest.raises(SandboxError, match="larger than 4 bytes"):
        await any_box.read("a", limit=4)


@pytest.mark.parametrize("name", ISOLATED)
async def test_sandbox_that_cannot_be_made_is_unavailable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = await working(name)
    monkeypatch.setattr("sandbox.backends.bubblewrap.STAGE", "exit 1")
    monkeypatch.setattr("sandbox.backends.worker.START", "import sys; sys.exit('broken')")
    monkeypatch.setattr("sandbox.backends.bubblewrap._path", lambda _: "/bin/false")
    with pytest.raises(SandboxUnavailable):
        await (await backend.acquire(SandboxSpec())).exec(["true"])


async def test_machine_that_died_is_unavailable_and_leaves_nothing() -> None:
    box = await (await working("local")).acquire(SandboxSpec())
    assert isinstance(box, WorkerSandbox)
    assert box._worker is not None
    os.kill(box._worker.agent, 9)
    with pytest.raises(SandboxUnavailable):
        await box.exec(["true"])
    with pytest.raises(SandboxUnavailable, match="has ended"):
        await box.exec(["true"])
    await box.close()


async def test_probe_names_every_reason_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = LocalBackend()
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("sandbox.backends.worker.START", "import sys; sys.exit('broken')")
    found = await backend.probe()
    assert isinstance(found, Missing)
    assert "bwrap, prlimit" in found.reason
    assert "namespaces: " in found.reason
    monkeypatch.undo()
    assert await backend.probe() is found
    with pytest.raises(SandboxUnavailable, match="No isolation is possible here"):
        await backend.acquire(SandboxSpec())


async def test_collect_removes_what_nobody_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await LocalBackend().collect()
    held = WorkFolder(user=None)
    dead = tmp_path / f"{PREFIX}dead"
    shutil.copytree(held.home, dead)
    young = tmp_path / f"{PREFIX}young"
    young.mkdir()
    for folder in (held.home, dead):
        os.utime(folder, (time.time() - 3600, time.time() - 3600))
    assert tempfile.gettempdir() == str(tmp_path)
    assert await LocalBackend().collect() == 1
    assert not dead.is_dir(), "its lock is free"
    assert held.home.is_dir()
    assert young.is_dir()
    held.remove()


async def test_unsafe_backend_says_so() -> None:
    backend = LocalBackend(unsafe=True)
    found = await backend.probe()
    assert not isinstance(found, Missing)
    assert (backend.name, found.isolation) == ("unsafe-local", "none")


async def test_limits_of_the_lease_hold_where_a_program_names_none() -> None:
    box = await LocalBackend(unsafe=True).acquire(SandboxSpec(limits=Limits(output=10)))
    assert (await box.exec(["sh", "-c", "yes"])).ending == "output_limit"
    await box.close()
