"""How many requests may be in flight: more while all is well, half when the backend is overloaded."""

import asyncio
from collections import deque
from time import monotonic
from typing import NamedTuple

GROWTH = 1.0
SHRINK = 0.5
PAUSE = 1.0
"""Seconds in which several signs of overload count as one, for they come from the same moment."""
START = 16


class Change(NamedTuple):
    """The limit at a moment, in seconds since the engine began."""

    seconds: float
    limit: int


class Limit:
    """An additive-increase, multiplicative-decrease limit (Chiu and Jain 1989) with a queue in order."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.in_flight = 0
        self._limit = float(min(most, START))
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._began = monotonic()
        self._shrunk = float("-inf")
        self._not_before = 0.0
        self.history = [Change(0.0, int(self._limit))]

    @property
    def current(self) -> int:
        """How many may be in flight now."""
        return int(self._limit)

    async def acquire(self) -> None:
        """Wait for a place."""
        if self.in_flight >= self.current or self._waiting:
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self.release()
                raise
        else:
            self.in_flight += 1
        if (pause := self._not_before - monotonic()) > 0:
            try:
                await asyncio.sleep(pause)
            except asyncio.CancelledError:
                self.release()
                raise

    def release(self) -> None:
        """Give a place back."""
        self.in_flight -= 1
        self._admit()

    def well(self) -> None:
        """Note a request that was answered; a full round of them raises the limit by one."""
        if self._limit < self.most and self.in_flight >= self.current - 1:
            self._set(min(self.most, self._limit + GROWTH * (1 if self._shrunk < 0 else 1 / self._limit)))

    def overloaded(self, *, retry_after: float | None = None) -> None:
        """Note that the backend asked for less, or took too long; halves the limit."""
        now = monotonic()
        if retry_after is not None:
            self._not_before = max(self._not_before, now + retry_after)
        if now - self._shrunk > PAUSE:
            self._shrunk = now
            self._set(max(1.0, self._limit * SHRINK))

    def _set(self, limit: float) -> None:
        if int(limit) != self.current:
            self.history.append(Change(monotonic() - self._began, int(limit)))
        self._limit = limit
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.current:
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
