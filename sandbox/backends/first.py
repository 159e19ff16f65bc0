"""The first process of a sandbox: to know it is to be able to end everything in it at once.

The process that made the sandbox reports by lines of JSON: `child-pid`, the first process as this side
numbers it, and `exit-code` once the program has ended. No `exit-code` means that no program ever ran.
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

PATIENCE = 20.0
"""Seconds that the kernel may take to end a sandbox full of processes."""
PAGE = os.sysconf("SC_PAGE_SIZE")


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
        self._handle: int | None = None
        self.pid: int | None = None
        self.code: int | None = None
        """What the program ended with."""
        asyncio.get_running_loop().add_reader(reading, self.listen)

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
            self._take(json.loads(line))

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
        """Return the bytes of memory of its own that all processes of the sandbox hold together."""
        return 0 if self.pid is None else sum(_own_memory(pid) for pid in _family(self.pid))

    def _take(self, report: dict[str, int]) -> None:
        if "child-pid" in report:
            self.pid = report["child-pid"]
            with suppress(ProcessLookupError):
                self._handle = os.pidfd_open(self.pid)
        self.code = report.get("exit-code", self.code)


def _family(pid: int) -> list[int]:
    """Return a process and all that descend from it; whoever lost a parent is the first process's child."""
    found, new = [], [pid]
    while new:
        parent = new.pop()
        found.append(parent)
        with suppress(OSError):
            for children in Path(f"/proc/{parent}/task").glob("*/children"):
                new += [int(child) for child in children.read_text().split()]
    return found


def _own_memory(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * PAGE
