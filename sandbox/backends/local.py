"""Sandboxes on this machine: made of the kernel's namespaces, else by bubblewrap.

What holds: no network, a read-only root that shows the system's programs and this interpreter, an empty
environment, no capability, a user who is nobody, a filter of system calls, and limits on time, output,
processes and the size of files. By namespaces also the size of what is written; memory of all processes
together, and the share of the processors, where this user may make control groups. Elsewhere memory is
limited for each process at once, and for all together by a look five times a second. What does not hold:
disk bandwidth, and what a fault of the kernel gives away.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from time import monotonic, time
from typing import Literal

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends import cgroups, worker
from sandbox.backends.bubblewrap import missing_tools
from sandbox.backends.cgroups import parent_groups
from sandbox.backends.folder import NEW, remove_stale
from sandbox.backends.foldered import FolderSandbox
from sandbox.backends.leased import WorkerSandbox
from sandbox.protocol import Available, Limits, Missing, Sandbox, SandboxSpec

Means = Literal["bubblewrap", "namespaces", "nothing"]
REMEDY = "Install bubblewrap, or allow user namespaces."
HOLD = frozenset({"processes", "file_size", "files", "network"})
"""Limits that hold exactly by either means; those of memory and disk are otherwise looked at only."""


class LocalBackend:
    """Programs on this machine, isolated; or, where that was asked for, bare ones (`unsafe`)."""

    def __init__(
        self, *, unsafe: bool = False, means: Sequence[Means] = ("namespaces", "bubblewrap")
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
        """Make a sandbox whose work folder is empty; raises SandboxUnavailable."""
        found = await self.probe()
        if isinstance(found, Missing):
            raise SandboxUnavailable(f"No isolation is possible here: {found.reason}.", remedy=found.remedy)
        try:
            return await _make(self._means, spec.limits)
        except OSError as error:
            raise SandboxUnavailable(f"No work folder could be made: {error.strerror}.") from error

    async def collect(self) -> int:
        """Remove folders and control groups that runs which died have left; returns how many."""
        return await asyncio.to_thread(_sweep)

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


def _sweep() -> int:
    return remove_stale() + worker.remove_stale(time() - NEW) + cgroups.sweep()


def _offer(means: Means, cold_ms: float) -> Available:
    if means == "nothing":
        return Available(
            isolation="none",
            capabilities=frozenset({"python", "bash", "network"}),
            limits=frozenset({"file_size"}),
            cold_ms=cold_ms,
        )
    limits = HOLD | {"disk"} if means == "namespaces" else HOLD
    groups, _ = parent_groups()
    if means == "namespaces" and "memory" in groups:
        limits |= {"memory", *({"cpus"} if "cpu" in groups else ())}
    return Available(
        isolation="namespace", capabilities=frozenset({"python", "bash"}), limits=limits, cold_ms=cold_ms
    )


async def _make(means: Means, limits: Limits) -> Sandbox:
    if means == "namespaces":
        return await WorkerSandbox.start(limits)
    return FolderSandbox(isolated=means == "bubblewrap", limits=limits)


async def _trial(means: Means) -> str:
    """Run an empty program; returns why that did not work."""
    if not sys.platform.startswith("linux") and means != "nothing":
        return "needs Linux"
    missing = missing_tools(as_root=os.getuid() == 0) if means == "bubblewrap" else []
    if missing:
        return f"{', '.join(missing)} not installed"
    try:
        sandbox = await _make(means, Limits())
        try:
            result = await sandbox.exec(["python3", "-I", "-S", "-c", ""], limits=Limits(seconds=30))
        finally:
            await sandbox.close()
    except (SandboxError, OSError) as error:
        return str(error).rstrip(".")
    if result.ending == "ok":
        return ""
    return result.stderr.decode(errors="replace").strip()[-200:] or f"ended with {result.ending}"
