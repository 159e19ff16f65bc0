"""Run a process with limits on time, output and disk, and surely end it with all it has started."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from assay.errors import SandboxUnavailable
from sandbox.protocol import Ending, ExecResult, Limits

BROKEN = 125
"""Exit code that says the sandbox could not be made."""
PIECE = 1 << 16
EVERY = 0.25


class Output:
    """What a process writes, up to a limit shared by both of its streams."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.full = asyncio.Event()

    async def read(self, stream: asyncio.StreamReader) -> bytes:
        """Read to the end; what is too much is dropped, since a pipe that is not read is never closed."""
        kept = bytearray()
        while piece := await stream.read(PIECE):
            kept += piece[: max(0, self._left)]
            self._left -= len(piece)
            if self._left < 0:
                self.full.set()
        return bytes(kept)


async def run_limited(
    argv: Sequence[str],
    *,
    stdin: bytes,
    env: Mapping[str, str],
    limits: Limits,
    user: int | None,
    folder: Path,
) -> ExecResult:
    """Run to the end or to a limit; raises SandboxUnavailable where the process cannot be started."""
    began = monotonic()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(env),
            cwd=folder,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else (),
        )
    except OSError as error:
        raise SandboxUnavailable(f"A sandbox could not be started: {error}.") from error
    output = Output(limits.output)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    streams = [asyncio.create_task(output.read(stream)) for stream in (process.stdout, process.stderr)]
    feeding = asyncio.create_task(_feed(process.stdin, stdin))
    try:
        stopped = await _wait(process, output, limits=limits, folder=folder)
    finally:
        _end(process)
        feeding.cancel()
        await process.wait()
    with suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await asyncio.wait(streams)
    for stream in streams:
        stream.cancel()
    stdout, stderr = (_result(stream) for stream in streams)
    code = process.returncode
    return ExecResult(
        code=None if stopped or (code is not None and code < 0) else code,
        stdout=stdout,
        stderr=stderr,
        ending=stopped or _ending(code),
        truncated=output.full.is_set(),
        seconds=monotonic() - began,
    )


async def _feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(ConnectionError):
        stream.write(data)
        await stream.drain()
        stream.close()


async def _wait(
    process: asyncio.subprocess.Process, output: Output, *, limits: Limits, folder: Path
) -> Ending | None:
    """Wait for the end; returns the limit that was reached, if any."""
    deadline = monotonic() + limits.seconds
    ended = asyncio.create_task(process.wait())
    full = asyncio.create_task(output.full.wait())
    try:
        while (left := deadline - monotonic()) > 0:
            done, _ = await asyncio.wait(
                {ended, full}, timeout=min(left, EVERY), return_when=asyncio.FIRST_COMPLETED
            )
            if full in done:
                return "output_limit"
            if ended in done:
                return None
            if _size(folder) > limits.disk:
                return "killed"
        return "timeout"
    finally:
        ended.cancel()
        full.cancel()


def _size(folder: Path) -> int:
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_blocks * 512  # noqa: PTH118
    return total


def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _result(stream: asyncio.Task[bytes]) -> bytes:
    return stream.result() if stream.done() and not stream.cancelled() else b""


def _ending(code: int | None) -> Ending:
    if code == 0:
        return "ok"
    if code is None or code < 0 or code == 128 + signal.SIGKILL:
        return "killed"
    return "nonzero"
