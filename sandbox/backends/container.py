"""The sandbox of one lease in a container."""

import asyncio
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from time import monotonic
from typing import Any

from docker.errors import DockerException, NotFound
from docker.utils.socket import frames_iter

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends.files import read_file, write_file
from sandbox.protocol import Ending, ExecResult, Limits

LATE = 5.0
"""Seconds after its limit in which a program must have ended inside, or its container is restarted."""
ENVIRONMENT = {"HOME": "/work", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
START = 'printf . >&2; ulimit -f {blocks}; ulimit -t {cpu}; exec timeout -s KILL {seconds} "$@"'
BEGUN = b"."
"""What stands first on standard error: an engine tells a program that it could not start by a code alone."""
KEEPER, NOBODY = "65533:65533", "65534:65534"
"""Who keeps a container alive, and who runs programs: these may signal whatever runs under the same name."""
COUNTS_OF_KILLS = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")
"""Where a container sees its control group, in the first and the second version."""
KILLED = 137
STDOUT = 1


class ContainerSandbox:
    """A container that sleeps, and programs that are executed in it one after the other."""

    def __init__(self, container: Any, *, limits: Limits) -> None:
        self._container = container
        self._limits = limits
        self._turn = asyncio.Lock()
        self._memory = limits.memory
        self._starved = 0
        self._used = False
        self._gone = False

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
        async with self._turn:
            self._used = True
            if allowed.memory != self._memory:
                await asyncio.to_thread(self._allow_memory, allowed.memory)
            run = Execution(self._container, argv, env=ENVIRONMENT | dict(env or {}), limits=allowed)
            working = asyncio.create_task(asyncio.to_thread(run.to_the_end, stdin))
            try:
                done, _ = await asyncio.wait({working}, timeout=allowed.seconds + LATE)
                if not done or run.full:
                    await self._restart()
            except asyncio.CancelledError:
                await asyncio.shield(self._restart())
                raise
            finally:
                run.close()
            try:
                result = await working
                if result.ending in {"killed", "timeout"} and await asyncio.to_thread(self._has_starved):
                    return replace(result, ending="oom")
            except (DockerException, OSError) as error:
                raise SandboxUnavailable(f"The container has ended: {error}.") from error
            return result

    async def read(self, path: str, *, limit: int = 100 << 20) -> bytes:
        """Read a file of the work folder; raises SandboxError."""
        return await read_file(self, path, limit=limit)

    async def write(self, path: str, data: bytes) -> None:
        """Write a file of the work folder, making its folders; raises SandboxError."""
        await write_file(self, path, data)

    async def reset(self) -> None:
        """Restart the container, which ends every process and empties every folder; raises SandboxError."""
        async with self._turn:
            if self._used:
                await self._restart()
                self._used = False

    async def close(self) -> None:
        """Remove the container; may be called twice."""
        if not self._gone:
            self._gone = True
            with suppress(NotFound):
                await asyncio.to_thread(self._remove)

    async def _restart(self) -> None:
        try:
            await asyncio.to_thread(self._container.restart, timeout=0)
            self._starved = 0
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(f"The container cannot be restarted: {error}.") from error

    def _allow_memory(self, memory: int) -> None:
        """Change the limit of all processes together."""
        try:
            self._container.update(mem_limit=memory, memswap_limit=memory)
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(f"The container's memory cannot be limited: {error}.") from error
        self._memory = memory

    def _has_starved(self) -> bool:
        """Whether the kernel has killed a process for memory since the last look; the engine does not say."""
        look = self._container.exec_run(["cat", *COUNTS_OF_KILLS], user=KEEPER, stderr=False)
        words = look.output.split()
        killed = sum(int(count) for name, count in pairwise(words) if name == b"oom_kill" and count.isdigit())
        starved, self._starved = killed > self._starved, killed
        return starved

    def _remove(self) -> None:
        try:
            self._container.remove(force=True)
        except NotFound:
            return
        except (DockerException, OSError) as error:
            if "already in progress" not in str(error):
                raise SandboxError(f"The container cannot be removed: {error}.") from error


class Execution:
    """One program, in a thread of its own: the SDK blocks."""

    def __init__(
        self, container: Any, argv: Sequence[str], *, env: Mapping[str, str], limits: Limits
    ) -> None:
        self._api, self._id = container.client.api, container.id
        self._limits = limits
        start = START.format(
            blocks=max(1, limits.file_size // 512), cpu=int(limits.seconds) + 2, seconds=limits.seconds
        )
        self._command = ["sh", "-c", start, "sh", *argv]
        self._environment = dict(env)
        self._socket: Any = None
        self.full = False

    def to_the_end(self, stdin: bytes) -> ExecResult:
        """Run it; raises DockerException, OSError and SandboxUnavailable."""
        began = monotonic()
        made = self._api.exec_create(
            self._id,
            self._command,
            stdin=True,
            environment=self._environment,
            workdir="/work",
            user=NOBODY,
        )
        self._socket = self._api.exec_start(made["Id"], socket=True)
        raw = getattr(self._socket, "_sock", self._socket)
        raw.settimeout(self._limits.seconds + 4 * LATE)
        threading.Thread(target=_feed, args=(raw, stdin), daemon=True).start()
        kept = {True: bytearray(), False: bytearray()}
        left = self._limits.output + len(BEGUN)
        for stream, piece in frames_iter(self._socket, tty=False):
            kept[stream == STDOUT] += piece[: max(0, left)]
            left -= len(piece)
            if left < 0:
                self.full = True
                # A container whose output nobody reads takes ten seconds to be ended, or breaks.
                threading.Thread(target=_drain, args=(raw,), daemon=True).start()
                break
        seconds = monotonic() - began
        code = None if self.full else self._api.exec_inspect(made["Id"])["ExitCode"]
        if not self.full and not kept[False].startswith(BEGUN):
            raise SandboxUnavailable("The container did not begin the program.")
        ending = self._ending(code, seconds)
        return ExecResult(
            code=code if ending in {"ok", "nonzero"} else None,
            stdout=bytes(kept[True]),
            stderr=bytes(kept[False].removeprefix(BEGUN)),
            ending=ending,
            truncated=self.full,
            seconds=seconds,
        )

    def close(self) -> None:
        """Let go of the connection, whatever still comes."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()

    def _ending(self, code: int | None, seconds: float) -> Ending:
        if self.full:
            return "output_limit"
        if seconds >= self._limits.seconds:
            return "timeout"
        if code == KILLED or code is None:
            return "killed"
        return "ok" if code == 0 else "nonzero"


def _feed(raw: socket.socket, data: bytes) -> None:
    """Write to the program's standard input, and close it."""
    with suppress(OSError):
        raw.sendall(data)
        raw.shutdown(socket.SHUT_WR)


def _drain(raw: socket.socket) -> None:
    """Read on until the program has ended."""
    with suppress(OSError, ValueError):
        while raw.recv(1 << 16):
            pass
