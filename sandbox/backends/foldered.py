"""Programs that get a folder of this machine as their `/work`: under bubblewrap, or bare.

Every program gets a sandbox of its own. Memory of all processes together and what the folder holds are
looked at five times a second; files that a program has removed and holds open are not counted.
"""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from sandbox.backends import unguarded
from sandbox.backends.bubblewrap import bubblewrap
from sandbox.backends.first import FirstProcess, Handover, handover
from sandbox.backends.folder import NOBODY, WorkFolder
from sandbox.backends.running import run_limited
from sandbox.backends.seccomp import call_filter
from sandbox.backends.view import environment, view
from sandbox.limits import rlimits
from sandbox.protocol import Ending, ExecResult, Limits


class FolderSandbox:
    """A folder that is a program's `/work`, and programs that see little else."""

    def __init__(self, *, isolated: bool, limits: Limits) -> None:
        self._isolated = isolated
        self._user = NOBODY if os.getuid() == 0 and isolated else None
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
            held = stack.enter_context(handover(_calls())) if self._isolated else None
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
        size, files = self._folder.usage()
        return "killed" if size > limits.disk or files > limits.files else None


def _calls() -> bytes:
    return call_filter(shared_memory=False)
