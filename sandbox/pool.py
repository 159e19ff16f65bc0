"""Sandboxes on lease: a few at once, each fresh, all closed at the end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from assay.errors import SandboxUnavailable
from sandbox.planner import Plan
from sandbox.protocol import Sandbox, SandboxSpec


class Pool:
    """Lease sandboxes of a plan's backend; without a backend there is nothing to lease."""

    def __init__(self, plan: Plan, *, size: int | None = None) -> None:
        self._plan = plan
        self._room = asyncio.Semaphore(size or os.cpu_count() or 1)
        self._open: set[Sandbox] = set()
        self._warm: Sandbox | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self._close())

    async def warm(self) -> None:
        """Make one sandbox ahead of its first use."""
        if self._plan.backend is not None and self._warm is None:
            self._warm = await self._acquire()

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Sandbox]:
        """Lease a fresh sandbox, waiting for room; raises SandboxUnavailable."""
        async with self._room:
            sandbox, self._warm = self._warm, None
            if sandbox is None:
                sandbox = await self._acquire()
            try:
                yield sandbox
            finally:
                self._open.discard(sandbox)
                await asyncio.shield(sandbox.close())

    async def _acquire(self) -> Sandbox:
        if self._plan.backend is None:
            raise SandboxUnavailable("Nothing was said to need a sandbox, so there is none.")
        sandbox = await self._plan.backend.acquire(
            SandboxSpec(needs=self._plan.needs, image=self._plan.image)
        )
        self._open.add(sandbox)
        return sandbox

    async def _close(self) -> None:
        for sandbox in list(self._open):
            await sandbox.close()
        self._open.clear()
