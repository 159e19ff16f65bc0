"""An isolated machine as this side knows it: a process tree, and a socket to its agent.

The kernel says which process answers on the socket (SCM_CREDENTIALS), so nothing that is written anywhere
names a process to be killed.
"""

import array
import asyncio
import json
import os
import signal
import socket
import struct
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from assay.errors import SandboxUnavailable
from sandbox.backends.cgroups import Group
from sandbox.backends.namespaces import Specification
from sandbox.backends.seccomp import call_filter
from sandbox.backends.view import view

PREFIX = "assay-root-"
PATIENCE = 20.0
"""Seconds that the kernel may take to make a machine, or to end one full of processes."""
START = "import sys; sys.path.insert(0, {!r}); from sandbox.backends.namespaces import main; main()"
ROOT = str(Path(__file__).parent.parent.parent)
CREDENTIALS = struct.Struct("3i")
REPLY = 64


class Worker:
    """One machine: starts, runs one program at a time, ends with everything in it."""

    def __init__(
        self, process: asyncio.subprocess.Process, asked: socket.socket, group: Group | None
    ) -> None:
        self._process, self._asked = process, asked
        self.group = group
        self.agent = 0
        """The agent's process, as this side numbers it."""
        self._handle: int | None = None
        self.patience = PATIENCE

    @classmethod
    async def start(cls, group: Group | None) -> "Worker":
        """Make a machine; raises SandboxUnavailable."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        root = tempfile.mkdtemp(prefix=PREFIX)
        try:
            process = await _spawn(theirs, root=root, group=group)
            worker = cls(process, ours, group)
            await worker._meet()
        except OSError as error:
            ours.close()
            raise SandboxUnavailable(f"A sandbox could not be started: {error}.") from error
        finally:
            theirs.close()
            # Once the machine has turned to its own root, nothing lies in this folder.
            with suppress(OSError):
                await asyncio.to_thread(os.rmdir, root)
        return worker

    def begin(self, program: bytes, streams: Sequence[int]) -> None:
        """Hand over a program with its three streams; raises OSError."""
        held = os.memfd_create("program")
        try:
            os.write(held, program)
            os.lseek(held, 0, os.SEEK_SET)
            rights = array.array("i", [held, *streams])
            self._asked.sendmsg([b"run"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        finally:
            os.close(held)

    async def reply(self) -> bytes:
        """Wait for the agent's next word, empty where it has ended."""
        try:
            return await asyncio.get_running_loop().sock_recv(self._asked, REPLY)
        except OSError:
            return b""

    def say_end(self) -> None:
        """Tell the agent to end the program that runs."""
        with suppress(OSError):
            self._asked.send(b"end")

    async def reset(self) -> bool:
        """Empty the work folder; says whether that was done."""
        with suppress(OSError, TimeoutError):
            self._asked.send(b"reset")
            async with asyncio.timeout(PATIENCE):
                return await self.reply() == b"reset"
        return False

    async def close(self) -> None:
        """End everything in the machine and wait until it is gone; may be called twice."""
        self._asked.close()
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        try:
            async with asyncio.timeout(PATIENCE):
                if self._handle is None:
                    self._kill()
                await self._process.wait()
        except TimeoutError as error:
            raise SandboxUnavailable(f"A sandbox could not be ended in {PATIENCE:.0f} s.") from error
        finally:
            self._kill()
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
            if self.group is not None:
                await self.group.remove()

    async def _meet(self) -> None:
        """Wait until the agent is there, and take its process from the kernel."""
        loop = asyncio.get_running_loop()
        there = asyncio.Event()
        loop.add_reader(self._asked, there.set)
        ended = asyncio.ensure_future(self._process.wait())
        met = asyncio.ensure_future(there.wait())
        try:
            await asyncio.wait({ended, met}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(self._asked)
            for waiting in (ended, met):
                waiting.cancel()
        self.agent = self._sender() if there.is_set() else 0
        if not self.agent:
            self._kill()
            assert self._process.stderr is not None
            said = (await self._process.stderr.read(2000)).decode(errors="replace").strip()
            await self.close()
            raise SandboxUnavailable(f"The sandbox could not be made: {said[-500:] or 'it gave no sign'}.")
        self._handle = os.pidfd_open(self.agent)

    def _sender(self) -> int:
        """Read the first word; returns the process that sent it, 0 where there is no word."""
        try:
            word, ancillary, _, _ = self._asked.recvmsg(REPLY, socket.CMSG_SPACE(CREDENTIALS.size))
        except OSError:
            return 0
        for level, kind, data in ancillary:
            if (level, kind, word) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS, b"ready"):
                return int(CREDENTIALS.unpack(data[: CREDENTIALS.size])[0])
        return 0

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


async def _spawn(theirs: socket.socket, *, root: str, group: Group | None) -> asyncio.subprocess.Process:
    seen = view()
    spec = Specification(
        folders=[*seen.folders, *([seen.prefix] if seen.prefix else [])],
        links=list(seen.links),
        root=root,
        groups=group.folders if group else [],
        control=theirs.fileno(),
        calls=call_filter(shared_memory=group is not None).hex(),
    )
    return await asyncio.create_subprocess_exec(
        seen.python, "-I", "-c", START.format(ROOT), json.dumps(spec),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={},
        cwd="/",
        start_new_session=True,
        pass_fds=(theirs.fileno(),),
    )  # fmt: skip


def remove_stale(older_than: float) -> int:
    """Remove folders that a start which was killed has left; returns how many."""
    count = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.lstat().st_mtime < older_than:
                folder.rmdir()
                count += 1
    return count
