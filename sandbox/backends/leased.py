"""The sandbox of one lease on an isolated machine of this host's own making."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from time import monotonic

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends.agent import NEVER_BEGUN, Program
from sandbox.backends.cgroups import new_group
from sandbox.backends.files import read_file, write_file
from sandbox.backends.output import Output, ending_of
from sandbox.backends.usage import memory_of
from sandbox.backends.view import environment
from sandbox.backends.worker import Worker
from sandbox.limits import rlimits
from sandbox.protocol import Ending, ExecResult, Limits

EVERY = 0.2
"""Seconds between two looks at the memory in use."""
SHARED_MEMORY = 1 << 20


class WorkerSandbox:
    """A machine, whose programs run one after the other."""

    def __init__(self, worker: Worker, *, limits: Limits) -> None:
        self._worker: Worker | None = worker
        self._limits = limits
        self._turn = asyncio.Lock()

    @classmethod
    async def start(cls, limits: Limits) -> "WorkerSandbox":
        """Start a machine; raises SandboxUnavailable."""
        return cls(await Worker.start(new_group()), limits=limits)

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Run a program to its end; raises SandboxUnavailable."""
        allowed = limits or self._limits
        program = Program(
            argv=list(argv),
            environment=environment() | dict(env or {}),
            limits=rlimits(allowed, processes=True),
            disk=allowed.disk,
            files=allowed.files,
            shared_memory=SHARED_MEMORY,
        )
        async with self._turn:
            if self._worker is None:
                raise SandboxUnavailable("The sandbox has ended.")
            run = Run(self._worker, allowed)
            try:
                return await run.to_the_end(json.dumps(program).encode(), stdin=stdin)
            finally:
                if not run.orderly:
                    await asyncio.shield(self._drop())

    async def read(self, path: str, *, limit: int = 100 << 20) -> bytes:
        """Read a file of the work folder; raises SandboxError."""
        return await read_file(self, path, limit=limit)

    async def write(self, path: str, data: bytes) -> None:
        """Write a file of the work folder, making its folders; raises SandboxError."""
        await write_file(self, path, data)

    async def reset(self) -> None:
        """Empty the work folder; raises SandboxError where the machine has ended."""
        async with self._turn:
            if self._worker is None or not await self._worker.reset():
                raise SandboxError("The sandbox has ended.")

    async def close(self) -> None:
        """End the machine; may be called twice."""
        await self._drop()

    async def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()


class Run:
    """One program, from its request to its end."""

    def __init__(self, worker: Worker, limits: Limits) -> None:
        self._worker, self._limits = worker, limits
        self.orderly = False
        """Whether the machine is known to be ready for another program."""

    async def to_the_end(self, program: bytes, *, stdin: bytes) -> ExecResult:
        """Run it; raises SandboxUnavailable where no program could be run."""
        began = monotonic()
        killed = self._prepare()
        with ExitStack() as stack:
            try:
                output, feeding = await self._connect(program, stdin, stack)
            except OSError as error:
                raise SandboxUnavailable(f"The sandbox has ended: {error.strerror}.") from error
            reply = asyncio.create_task(self._worker.reply())
            try:
                stopped = await self._wait(reply, output, killed)
            finally:
                feeding.cancel()
                word = await self._end(reply)
            stdout, stderr = await output.finish()
        code = int(word) if word.isdigit() else None
        if self._killed() > killed and code != 0:
            stopped = "oom"
        if stopped is None and code in {None, NEVER_BEGUN}:
            self.orderly = False
            said = stderr.decode(errors="replace").strip()[-500:] or "it has ended"
            raise SandboxUnavailable(f"The sandbox could not run a program: {said}.")
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

    def _prepare(self) -> int:
        """Set the limits of the control group; returns how many processes it has ended so far."""
        if self._worker.group is not None:
            with suppress(OSError):
                self._worker.group.allow(self._limits)
        return self._killed()

    def _killed(self) -> int:
        with suppress(OSError):
            return self._worker.group.killed() if self._worker.group else 0
        return 0

    async def _connect(
        self, program: bytes, stdin: bytes, stack: ExitStack
    ) -> tuple[Output, asyncio.Task[None]]:
        """Make the three streams and hand the program over; raises OSError."""
        theirs, ours = [], []
        for reading in (False, True, True):
            ends = os.pipe()
            theirs.append(ends[1] if reading else ends[0])
            ours.append(open(ends[0] if reading else ends[1], "rb" if reading else "wb", buffering=0))  # noqa: SIM115, PTH123, ASYNC230
        try:
            self._worker.begin(program, theirs)
        except OSError:
            for file in ours:
                file.close()
            raise
        finally:
            for end in theirs:
                os.close(end)
        loop = asyncio.get_running_loop()
        readers = []
        for file in ours[1:]:
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await loop.connect_read_pipe(lambda protocol=protocol: protocol, file)  # type: ignore[misc]
            stack.callback(transport.close)
            readers.append(reader)
        return Output(*readers, limit=self._limits.output), asyncio.create_task(_feed(ours[0], stdin))

    async def _wait(self, reply: asyncio.Task[bytes], output: Output, killed: int) -> Ending | None:
        """Wait for the end; returns the limit that was passed, if any."""
        deadline = monotonic() + self._limits.seconds
        full = asyncio.create_task(output.full.wait())
        try:
            while (left := deadline - monotonic()) > 0:
                done, _ = await asyncio.wait(
                    {reply, full}, timeout=min(left, EVERY), return_when=asyncio.FIRST_COMPLETED
                )
                if full in done:
                    return "output_limit"
                if reply in done:
                    return None
                if await asyncio.to_thread(self._over_memory, killed):
                    return "oom"
            return "timeout"
        finally:
            full.cancel()

    def _over_memory(self, killed: int) -> bool:
        if self._worker.group is not None:
            return self._killed() > killed
        return memory_of(self._worker.agent) > self._limits.memory

    async def _end(self, reply: asyncio.Task[bytes]) -> bytes:
        """End the program, if it has not ended; returns the agent's word on it."""
        if not reply.done():
            self._worker.say_end()
            await asyncio.wait({reply}, timeout=self._worker.patience)
        if not reply.done():
            reply.cancel()
            return b""
        word = reply.result()
        self.orderly = bool(word)
        return word


async def _feed(file: object, data: bytes) -> None:
    """Write to a program's standard input, and close it."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, file)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    try:
        with suppress(OSError):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
