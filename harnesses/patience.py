"""How long a request may take: a multiple of the slowest answer seen, so that a hanging one is noticed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FACTOR = 10.0
LEAST = 10.0
KNOWN_AFTER = 20
"""Answers that must have come before the deadline goes below the longest allowed."""


class Patience:
    """A deadline for each request that shrinks, also for those in flight, as answers come in."""

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._slowest = 0.0
        self._answers = 0
        self._running: dict[asyncio.Timeout, tuple[float, int]] = {}

    @asynccontextmanager
    async def deadline(self, *, attempt: int) -> AsyncIterator[None]:
        """Raise TimeoutError when the deadline passes; each further attempt is given twice the time."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(self.allowed(attempt)) as running:
            self._running[running] = (began, attempt)
            try:
                yield
            finally:
                del self._running[running]
        self._learn(loop.time() - began)

    def allowed(self, attempt: int) -> float:
        """Seconds that an attempt may take."""
        if self._answers < KNOWN_AFTER:
            return self.longest
        return min(self.longest, max(LEAST, FACTOR * self._slowest) * 2.0**attempt)

    def _learn(self, seconds: float) -> None:
        self._answers += 1
        slower = seconds > self._slowest
        self._slowest = max(self._slowest, seconds)
        if slower or self._answers == KNOWN_AFTER:
            for running, (began, attempt) in self._running.items():
                if not running.expired():
                    running.reschedule(began + self.allowed(attempt))
