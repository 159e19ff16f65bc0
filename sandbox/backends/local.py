"""Sandboxes on this machine: bubblewrap, else the kernel's namespaces; fresh ones for each program.

What holds: no network, a read-only root that shows the system's programs and this interpreter, an empty
environment, no capability, a user who is nobody, a filter of system calls, and limits on time, output,
processes and the size of files. Memory is limited for each process at once, and for all together, as the
disk that the work folder takes, by a look five times a second. What does not hold: the share of the
processors and of disk bandwidth, and what a fault of the kernel gives away.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from time import monotonic
from typing import Literal

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends import namespaces, unguarded
from sandbox.backends.bubblewrap import SHARED_MEMORY, bubblewrap, missing_tools
from sandbox.backends.first import FirstProcess, Handover, handover
from sandbox.backends.folder import NOBODY, WorkFolder, remove_stale
from sandbox.backends.running import run_limited
from sandbox.backends.seccomp import call_filter
from sandbox.backends.view import environment, view
from sandbox.limits import rlimits
from sandbox.protocol import Available, Ending, ExecResult, Limits, Missing, Sandbox, SandboxSpec

Means = Literal["bubblewrap", "namespaces", "nothing"]
REMEDY = "Install bubblewrap, or allow user namespaces."
HOLD = frozenset({"memory", "processes", "file_size", "disk", "network"})


class LocalBackend:
    """Programs on this machine, isolated; or, where that was asked for, bare ones (`unsafe`)."""

    def __init__(
        self, *, unsafe: bool = False, means: Sequence[Means] = ("bubblewrap", "namespaces")
    ) -> None:
        self.name = "unsafe-local" if unsafe else "local"
        self._tried: Sequence[Means] = ("nothing",) if unsafe else means
        self._means: Means = "nothing"
        self._found: Available | Missing | None = None
        self._probing = asyncio.Lock()

    async def probe(self) -> Available | Missing:
        """Run an empty program by each means until one works; the answer is kept."""
        async with self._probing:
            if self._found is None:
                self._found = await self._try()
        return self._found

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        """Make an empty work folder; raises SandboxUnavailable."""
        found = await self.probe()
        if isinstance(found, Missing):
            raise SandboxUnavailable(f"No isolation is possible here: {found.reason}.", remedy=found.remedy)
        try:
            return LocalSandbox(self._means, limits=spec.limits)
        except OSError as error:
            raise SandboxUnavailable(f"No work folder could be made: {error.strerror}.") from error

    async def collect(self) -> int:
        """Remove work folders that runs which died have left; returns how many."""
        return await asyncio.to_thread(remove_stale)

    async def _try(self) -> Available | Missing:
        problems = []
        for means in self._tried:
            began = monotonic()
            problem = await _trial(means)
            if not problem:
                self._means = means
                return _offer(means, 1000 * (monotonic() - began))
            problems.append(f"{means}: {problem}")
        return Missing(reason="; ".join(problems), remedy=REMEDY)


def unsafe_backend() -> LocalBackend:
    """Make the backend without isolation."""
    return LocalBackend(unsafe=True)


class LocalSandbox:
    """A folder that is a program's `/work`, and programs that see little else."""

    def __init__(self, means: Means, *, limits: Limits) -> None:
        self._means: Means = means
        self._user = NOBODY if os.getuid() == 0 and means != "nothing" else None
        self._limits = limits
        self._folder = WorkFolder(user=self._user)

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
        with ExitStack() as stack:
            held = None if self._means == "nothing" else stack.enter_context(handover(call_filter()))
            home = {} if held else {"HOME": str(self._folder.work)}
            variables = environment() | home | dict(env or {})
            return await run_limited(
                self._command(argv, variables=variables, limits=allowed, held=held),
                stdin=stdin,
                # What makes the sandbox shows its own environment inside, as that of process 1.
                env={} if held else variables,
                limits=allowed,
                folder=self._folder.work,
                watch=partial(self._passed, allowed),
                held=held,
            )

    async def read(self, path: str, *, limit: int = 100 << 20) -> bytes:
        """Read a file of the work folder; raises SandboxError."""
        return await asyncio.to_thread(self._folder.read, path, limit=limit)

    async def write(self, path: str, data: bytes) -> None:
        """Write a file of the work folder, making its folders; raises SandboxError."""
        await asyncio.to_thread(self._folder.write, path, data)

    async def reset(self) -> None:
        """Empty the work folder; raises SandboxError."""
        await asyncio.to_thread(self._folder.empty)

    async def close(self) -> None:
        """Remove the work folder; raises SandboxError."""
        await asyncio.to_thread(self._folder.remove)

    def _command(
        self,
        argv: Sequence[str],
        *,
        variables: Mapping[str, str],
        limits: Limits,
        held: Handover | None,
    ) -> list[str]:
        if held is None:
            wanted = json.dumps(rlimits(limits, processes=False))
            return [view().python, "-I", "-S", unguarded.__file__, wanted, *argv]
        if self._means == "namespaces":
            return _by_namespaces(argv, folder=self._folder, variables=variables, limits=limits, held=held)
        return bubblewrap(
            argv,
            folder=self._folder,
            user=self._user,
            variables=variables,
            limits=limits,
            status=held.status,
            calls=held.calls,
        )

    def _passed(self, limits: Limits, first: FirstProcess | None) -> Ending | None:
        if first is not None and first.memory() > limits.memory:
            return "oom"
        return "killed" if self._folder.size() > limits.disk else None


def _by_namespaces(
    argv: Sequence[str],
    *,
    folder: WorkFolder,
    variables: Mapping[str, str],
    limits: Limits,
    held: Handover,
) -> list[str]:
    seen = view()
    spec = namespaces.Specification(
        argv=list(argv),
        environment=dict(variables),
        folders=[*seen.folders, *([seen.prefix] if seen.prefix else [])],
        links=list(seen.links),
        work=str(folder.work),
        root=str(folder.root),
        disk=limits.disk,
        shared_memory=SHARED_MEMORY,
        limits=rlimits(limits, processes=True),
        status=held.status,
        calls=held.calls,
    )
    return [seen.python, "-I", "-S", namespaces.__file__, json.dumps(spec)]


def _offer(means: Means, cold_ms: float) -> Available:
    if means == "nothing":
        return Available(
            isolation="none",
            capabilities=frozenset({"python", "bash", "network"}),
            limits=frozenset({"file_size"}),
            cold_ms=cold_ms,
        )
    return Available(
        isolation="namespace", capabilities=frozenset({"python", "bash"}), limits=HOLD, cold_ms=cold_ms
    )


async def _trial(means: Means) -> str:
    """Run an empty program; returns why that did not work."""
    if not sys.platform.startswith("linux") and means != "nothing":
        return "needs Linux"
    missing = missing_tools(as_root=os.getuid() == 0) if means == "bubblewrap" else []
    if missing:
        return f"{', '.join(missing)} not installed"
    try:
        sandbox = LocalSandbox(means, limits=Limits())
        try:
            result = await sandbox.exec(["python3", "-I", "-S", "-c", ""], limits=Limits(seconds=30))
        finally:
            await sandbox.close()
    except (SandboxError, OSError) as error:
        return str(error).rstrip(".")
    if result.ending == "ok":
        return ""
    return result.stderr.decode(errors="replace").strip()[-200:] or f"ended with {result.ending}"
