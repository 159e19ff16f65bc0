"""Run a process with limits on time, output, memory and disk, and surely end it with all it has started."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from assay.errors import SandboxUnavailable
from sandbox.backends.first import PATIENCE, FirstProcess, Handover
from sandbox.protocol import Ending, ExecResult, Limits

PIECE = 1 << 16
EVERY = 0.2
"""Seconds between two looks at the memory and disk in use."""
LAST_WORDS = 2.0
"""Seconds to read what a process that has ended left in its pipes."""
KILLED = 128 + signal.SIGKILL

Watch = Callable[[FirstProcess | None], Ending | None]
"""Says which limit is passed by now, if any."""


class Output:
    """What a process writes, up to a limit shared by both of its streams."""

    def __init__(self, process: asyncio.subprocess.Process, limit: int) -> None:
        self._left = limit
        self.full = asyncio.Event()
        assert process.stdout is not None
        assert process.stderr is not None
        self._kept = (bytearray(), bytearray())
        pairs = zip((process.stdout, process.stderr), self._kept, strict=True)
        self._tasks = [asyncio.create_task(self._read(stream, kept)) for stream, kept in pairs]

    async def finish(self) -> tuple[bytes, bytes]:
        """Return both streams once they have ended, or the little time for that has passed."""
        await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in self._tasks:
            task.cancel()
        return bytes(self._kept[0]), bytes(self._kept[1])

    async def _read(self, stream: asyncio.StreamReader, kept: bytearray) -> None:
        while piece := await stream.read(PIECE):
            kept += piece[: max(0, self._left)]
            self._left -= len(piece)
            if self._left < 0:
                self.full.set()


async def run_limited(
    argv: Sequence[str],
    *,
    stdin: bytes,
    env: Mapping[str, str],
    limits: Limits,
    folder: Path,
    watch: Watch,
    held: Handover | None,
) -> ExecResult:
    """Run to the end or to a limit; raises SandboxUnavailable where no program could be run.

    `held` is None where there is no sandbox, whose first process could be named.
    """
    began = monotonic()
    first = FirstProcess(held.reading) if held else None
    try:
        process = await _spawn(argv, env=env, folder=folder, held=held)
        output = Output(process, limits.output)
        feeding = asyncio.create_task(_feed(process, stdin))
        try:
            stopped = await _wait(process, output, first, watch=watch, seconds=limits.seconds)
        finally:
            feeding.cancel()
            await asyncio.shield(_end(process, first))
        stdout, stderr = await output.finish()
        if first is not None and stopped is None:
            first.listen()
    finally:
        if first is not None:
            first.close()
    code = process.returncode if first is None else first.code
    if code is None and stopped is None:
        said = stderr.decode(errors="replace").strip()[-500:] or f"exit code {process.returncode}"
        raise SandboxUnavailable(f"The sandbox could not be made: {said}.")
    full = output.full.is_set()
    ending = stopped or ("output_limit" if full else _ending(code or 0))
    return ExecResult(
        code=None if stopped or ending == "killed" else code,
        stdout=stdout,
        stderr=stderr,
        ending=ending,
        truncated=full,
        seconds=monotonic() - began,
    )


async def _spawn(
    argv: Sequence[str], *, env: Mapping[str, str], folder: Path, held: Handover | None
) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=dict(env),
            cwd=folder,
            start_new_session=True,
            pass_fds=(held.status, held.calls) if held else (),
        )
    except OSError as error:
        raise SandboxUnavailable(f"A sandbox could not be started: {error}.") from error


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None
    with suppress(ConnectionError):
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()


async def _wait(
    process: asyncio.subprocess.Process,
    output: Output,
    first: FirstProcess | None,
    *,
    watch: Watch,
    seconds: float,
) -> Ending | None:
    """Wait for the end; returns the limit that was passed, if any."""
    deadline = monotonic() + seconds
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
            if over := await asyncio.to_thread(watch, first):
                return over
        return "timeout"
    finally:
        ended.cancel()
        full.cancel()


async def _end(process: asyncio.subprocess.Process, first: FirstProcess | None) -> None:
    """End the sandbox, then whoever made it; raises SandboxUnavailable."""
    try:
        if first is not None:
            await first.end()
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await process.wait()


def _ending(code: int) -> Ending:
    if code == 0:
        return "ok"
    return "killed" if code < 0 or code == KILLED else "nonzero"
