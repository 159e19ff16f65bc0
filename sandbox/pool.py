"""Sandboxes on lease: a few at once, each as new, all closed at the end."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.planner import Plan
from sandbox.protocol import Backend, Sandbox, SandboxSpec


class Pool:
    """Lease sandboxes of a plan's backend, at most `size` at once (default: one per processor).

    Belongs to one event loop. What comes back is reset for the next lease, or closed where it cannot be. What
    earlier runs that died have left behind is removed while the first sandbox is made.
    """

    def __init__(self, plan: Plan, *, size: int | None = None) -> None:
        self._plan = plan
        self._room = asyncio.Semaphore(size or os.cpu_count() or 1)
        self._open: set[Sandbox] = set()
        self._idle: list[Sandbox] = []
        self._sweep: asyncio.Task[None] | None = None
        self._warming = asyncio.Lock()

    async def __aenter__(self) -> Self:
        if self._plan.backend is not None:
            self._sweep = asyncio.create_task(_collect(self._plan.backend))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _to_the_end(self._close())

    async def warm(self) -> None:
        """Make one sandbox ahead of its first use; without a backend do nothing."""
        async with self._warming:
            if self._plan.backend is not None and not self._idle:
                self._idle.append(await self._acquire())

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Sandbox]:
        """Lease a sandbox that is as new, waiting for room; raises SandboxUnavailable."""
        async with self._room:
            # One that is being made is worth waiting for.
            async with self._warming:
                sandbox = self._idle.pop() if self._idle else None
            if sandbox is None:
                sandbox = await self._acquire()
            try:
                yield sandbox
            finally:
                await _to_the_end(self._give_back(sandbox))

    async def _acquire(self) -> Sandbox:
        if self._plan.backend is None:
            raise SandboxUnavailable(
                f"There is no sandbox to lease: {self._plan.reason}.",
                remedy="Name what the task or tool needs, such as python.",
            )
        spec = SandboxSpec(needs=self._plan.needs, image=self._plan.image)
        sandbox = await self._plan.backend.acquire(spec)
        self._open.add(sandbox)
        return sandbox

    async def _give_back(self, sandbox: Sandbox) -> None:
        try:
            await sandbox.reset()
        except SandboxError:
            await self._end(sandbox)
        else:
            self._idle.append(sandbox)

    async def _end(self, sandbox: Sandbox) -> None:
        self._open.discard(sandbox)
        # What one lease leaves is not the next one's failure: `Backend.collect` finds it.
        with suppress(SandboxError):
            await sandbox.close()

    async def _close(self) -> None:
        self._idle.clear()
        await asyncio.gather(*(self._end(sandbox) for sandbox in list(self._open)))
        if self._sweep is not None:
            await self._sweep


async def _collect(backend: Backend) -> None:
    # What cannot be removed is no failure of this run.
    with suppress(SandboxError, OSError):
        await backend.collect()


async def _to_the_end(work: Coroutine[object, object, None]) -> None:
    """Await it whatever is cancelled meanwhile, and pass a cancellation on afterwards."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
