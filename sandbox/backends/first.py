"""The first process of a sandbox: to know it is to be able to end everything in it at once.

The process that made the sandbox (bubblewrap) reports by lines of JSON: `child-pid`, the first process as
this side numbers it, and `exit-code` once the program has ended. No `exit-code` means that no program ever
ran. A report is a claim: the first process is believed only once, and only where the kernel says that it
is a child of the maker; whatever else stands there is passed over.
"""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assay.errors import SandboxUnavailable
from sandbox.backends.usage import memory_of

PATIENCE = 20.0
"""Seconds that the kernel may take to end a sandbox full of processes."""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Descriptors that go to the process which makes the sandbox, and the end on which it reports."""

    reading: int
    status: int
    calls: int


@contextmanager
def handover(calls: bytes) -> Iterator[Handover]:
    """Open the descriptors for one program; `calls` is the filter of system calls."""
    reading, status = os.pipe()
    held = os.memfd_create("calls")
    os.write(held, calls)
    os.lseek(held, 0, os.SEEK_SET)
    os.set_blocking(reading, False)
    try:
        yield Handover(reading=reading, status=status, calls=held)
    finally:
        for descriptor in (reading, status, held):
            os.close(descriptor)


class FirstProcess:
    """What is known of a sandbox's first process, as it is reported."""

    def __init__(self, reading: int) -> None:
        self._reading = reading
        self._said = b""
        self._maker: int | None = None
        self._handle: int | None = None
        self.pid: int | None = None
        self.code: int | None = None
        """What the program ended with."""

    def follow(self, maker: int) -> None:
        """Listen from now on to the process that makes the sandbox."""
        self._maker = maker
        asyncio.get_running_loop().add_reader(self._reading, self.listen)

    def listen(self) -> None:
        """Take in what was reported so far."""
        try:
            piece = os.read(self._reading, 4096)
        except BlockingIOError:
            return
        if not piece:
            asyncio.get_running_loop().remove_reader(self._reading)
        self._said += piece
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            self._take(line)

    async def end(self) -> None:
        """Kill everything in the sandbox and wait until it is gone; raises SandboxUnavailable."""
        loop = asyncio.get_running_loop()
        if self._handle is None:
            return
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        gone = asyncio.Event()
        loop.add_reader(self._handle, gone.set)
        try:
            async with asyncio.timeout(PATIENCE):
                await gone.wait()
        except TimeoutError as error:
            raise SandboxUnavailable(f"A sandbox could not be ended in {PATIENCE:.0f} s.") from error
        finally:
            loop.remove_reader(self._handle)

    def close(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._reading)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def memory(self) -> int:
        """Return the bytes of memory that all processes of the sandbox hold together."""
        return 0 if self.pid is None else memory_of(self.pid)

    def _take(self, line: bytes) -> None:
        try:
            report = json.loads(line)
            pid, code = report.get("child-pid"), report.get("exit-code")
        except (ValueError, AttributeError):
            return
        if isinstance(pid, int) and self.pid is None and _parent(pid) == self._maker:
            with suppress(ProcessLookupError):
                self._handle = os.pidfd_open(pid)
                self.pid = pid
        if isinstance(code, int):
            self.code = code


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
