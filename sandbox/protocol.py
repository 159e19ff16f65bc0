"""What anything that runs code may ask of a sandbox, and what a backend must offer.

A program that fails is a result; a sandbox that fails is `SandboxUnavailable`, retried and never scored.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

Ending = Literal["ok", "nonzero", "timeout", "oom", "output_limit", "killed"]
Isolation = Literal["none", "namespace", "container", "gvisor", "vm"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one program may use; sizes in bytes, times in seconds."""

    seconds: float = 10.0
    memory: int = 512 << 20
    processes: int = 64
    cpus: float = 1.0
    file_size: int = 64 << 20
    disk: int = 64 << 20
    files: int = 4096
    """Files, folders and links in each place that can be written."""
    output: int = 1 << 20


@dataclass(frozen=True, kw_only=True)
class SandboxSpec:
    """What a leased sandbox must offer."""

    needs: frozenset[str] = frozenset()
    """Capabilities: `python`, `bash`, `network`, `image:<name>`."""
    image: str | None = None
    limits: Limits = Limits()


@dataclass(frozen=True, kw_only=True)
class ExecResult:
    """How one program ended."""

    code: int | None
    """Exit code; None when it was killed."""
    stdout: bytes
    stderr: bytes
    ending: Ending
    truncated: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Available:
    """What a backend can do here, found by running something."""

    isolation: Isolation
    capabilities: frozenset[str]
    limits: frozenset[str]
    """Which limits hold: memory, processes, cpus, file_size, disk, network."""
    cold_ms: float
    """Time to the end of the first empty program."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Why a backend cannot be used here, and what would mend it."""

    reason: str
    remedy: str


class Sandbox(Protocol):
    """One leased, isolated machine. Files written to it last until `reset` or `close`."""

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Run a program to its end; raises SandboxUnavailable."""
        ...

    async def read(self, path: str, *, limit: int = 100 << 20) -> bytes:
        """Read a file; raises SandboxError where there is none or it is larger than `limit`."""
        ...

    async def write(self, path: str, data: bytes) -> None:
        """Write a file, making its folders."""
        ...

    async def reset(self) -> None:
        """Make it as it was when leased."""
        ...

    async def close(self) -> None:
        """Give it back; may be called twice."""
        ...


class Leases(Protocol):
    """Where a sandbox can be had for a while."""

    def lease(self) -> AbstractAsyncContextManager[Sandbox]:
        """Lease a fresh sandbox; raises SandboxUnavailable."""
        ...


class Backend(Protocol):
    """One way of making sandboxes."""

    name: str

    async def probe(self) -> Available | Missing:
        """Find out by running something whether sandboxes can be made here; the answer is kept."""
        ...

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        """Lease a fresh sandbox; raises SandboxUnavailable."""
        ...

    async def collect(self) -> int:
        """Remove what runs that died have left behind; returns how many."""
        ...
