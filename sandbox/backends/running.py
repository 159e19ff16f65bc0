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
from sandbox.backends.output import Output, ending_of
from sandbox.protocol import Ending, ExecResult, Limits

EVERY = 0.2
"""Seconds between two looks at the memory and disk in use."""

Watch = Callable[[FirstProcess | None], Ending | None]
"""Says which limit is passed by now, if any."""


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
        if first is not None:
            first.follow(process.pid)
        assert process.stdout is not None
        assert process.stderr is not None
        output = Output(process.stdout, process.stderr, limit=limits.output)
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
    ending = stopped or ("output_limit" if full else ending_of(code or 0))
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
