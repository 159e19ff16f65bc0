"""How many requests may be in flight: more while all is well, half when the backend has too much to do.

That it has shows in a refusal (429), in an answer that does not come, or in answers that take longer while no
more gets done. The last is no more than a suspicion, since answers also take longer where they are longer and
where a backend computes many together: half the limit is tried, and kept only if as much gets done with it.
"""

import asyncio
from collections import deque
from time import monotonic, process_time
from typing import NamedTuple

from assay.records import LimitChange, LimitReason
from harnesses.engine.throughput import Mark, Throughput, Window

GROWTH = 1.0
SHRINK = 0.5
PAUSE = 1.0
"""Seconds in which several signs of overload count as one, for they come from the same moment."""
START = 16
LEAST = 2
"""What a slow backend leaves: one request that it works on, and one that waits."""
LOOK_EVERY, LOOK_SECONDS = 16, 0.25
"""Answers and seconds between two looks at the throughput, at least: a round."""
APART, GAIN = 1.25, 0.1
"""Throughput is flat where twice the limit gives less than 7 % more; see `Throughput.is_flat`."""
ENOUGH = 0.95
"""The share of the throughput that half the limit must give to be kept."""
ROUNDS = 4
"""How long it is tried."""
ALIKE = 1.5
"""Answers that much longer than those before tell nothing: they were begun with the larger limit."""
USED = 0.9
"""The share of a round's answers at which as many must have been in flight as allowed."""
REST, LONGEST_REST = 16, 256
"""Rounds before something is tried again, twice as many each time."""
BUSY = 0.4
"""The share of a processor from which on it may be this process, whose threads wait for each other, that is
late."""
CHANGES = 200
"""Changes kept; more are drawn together, the oldest first."""


class Trial(NamedTuple):
    """Half the limit, tried: the limit, and what was done before."""

    limit: float
    before: Mark


class Limit:
    """An additive-increase, multiplicative-decrease limit (Chiu and Jain 1989) with a queue in order."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.in_flight = 0
        self._limit = float(min(most, START))
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._began = self._looked = monotonic()
        self._processor = process_time()
        self._shrunk = float("-inf")
        self._not_before = 0.0
        self._rising = True
        """Whether it has never been too high, so that each answer may raise it by one."""
        self._history = [LimitChange(seconds=0.0, limit=self.current, reason="began")]
        self._throughput = Throughput(most)
        self._window = Window(ROUNDS)
        self._work = 0.0
        self._trial: Trial | None = None
        self._rest = REST
        self._answers = self._used = self._last_look = self._look_at = 0
        self._grow_after = self._try_after = 0

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

    def well(self, *, in_flight: float, seconds: float, work: float) -> None:
        """Note a request that was answered; a full round of them raises the limit by one.

        `in_flight` are the requests that the backend had meanwhile, which are fewer than places taken where
        keeping an answer takes time.
        """
        self._throughput.note(in_flight, seconds, work)
        self._answers += 1
        self._work += work
        if self.in_flight >= self.current - 1:
            self._used += 1
            if self._limit < self.most and self._trial is None and self._answers >= self._grow_after:
                growth = GROWTH if self._rising else GROWTH / self._limit
                self._set(min(self.most, self._limit + growth), "grew")
                if self._limit == self.most:
                    self._window.clear()
        if self._answers >= self._look_at:
            self._look()

    def overloaded(self, reason: LimitReason, *, retry_after: float | None = None) -> None:
        """Note that the backend asked for less, or took too long; halves the limit."""
        now = monotonic()
        if retry_after is not None:
            self._not_before = max(self._not_before, now + retry_after)
        if now - self._shrunk > PAUSE:
            self._shrunk = now
            self._rising = False
            self._trial = None
            self._set(max(1.0, self._limit * SHRINK), reason)

    def lately(self, seconds: float) -> tuple[LimitChange, ...]:
        """Return what became of the limit in the last `seconds`, counted from their beginning."""
        start = max(0.0, monotonic() - self._began - seconds)
        # A copy, since a run is finished in a thread of its own.
        history = list(self._history)
        before = [change for change in history if change.seconds <= start]
        later = [change for change in history if change.seconds > start]
        first = LimitChange(seconds=0.0, limit=before[-1].limit, reason="began")
        shifted = (one.model_copy(update={"seconds": round(one.seconds - start, 3)}) for one in later)
        return (first, *shifted)

    def _look(self) -> None:
        """End a round: try half the limit where a smaller one got as much done, or end such a trial."""
        now, processor = monotonic(), process_time()
        if now - self._looked < LOOK_SECONDS:
            self._look_at = self._answers + LOOK_EVERY
            return
        busy = processor - self._processor > BUSY * (now - self._looked)
        asked = self._answers - self._last_look
        self._window.mark(Mark(now, self._answers, self._work), used=self._used >= USED * asked)
        self._looked, self._processor, self._used, self._last_look = now, processor, 0, self._answers
        self._look_at = self._answers + max(LOOK_EVERY, self.current)
        done = self._window.done
        if done is not None and self._trial is not None:
            self._judge(self._trial, done)
        elif done is not None and not busy and self._is_suspect():
            self._trial = Trial(self._limit, done)
            self._set(self._limit * SHRINK, "slow")
            self._throughput.forget(least=self.current)
            self._window.clear()

    def _is_suspect(self) -> bool:
        """Say whether a smaller limit got as much done, and it is time to try one."""
        return (
            self._answers >= self._try_after
            and self.current >= 2 * LEAST
            and self._throughput.is_flat(self.current, apart=APART, gain=GAIN)
        )

    def _judge(self, trial: Trial, done: Mark) -> None:
        """Keep the smaller limit, and go on from there, or take the larger one again; then let it rest."""
        self._trial = None
        self._window.clear()
        rest = self._answers + self._rest * self.current
        self._rest = min(LONGEST_REST, 2 * self._rest)
        if done.rate >= ENOUGH * trial.before.rate and done.size <= ALIKE * trial.before.size:
            self._rising = False
            self._grow_after = rest
        else:
            self._grow_after = self._answers if self._rising else rest
            self._try_after = rest
            self._throughput.forget(below=self.current)
            self._set(trial.limit, "restored")

    def _set(self, limit: float, reason: LimitReason) -> None:
        if int(limit) != self.current:
            self._record(LimitChange(seconds=monotonic() - self._began, limit=int(limit), reason=reason))
        self._limit = limit
        self._admit()

    def _record(self, change: LimitChange) -> None:
        """Keep a change: steps of a growth as one, and too many old ones of a kind drawn together."""
        if change.reason == "grew" == self._history[-1].reason:
            self._history[-1] = change
            return
        self._history.append(change)
        if len(self._history) > CHANGES:
            seen: dict[str, int] = {}
            for number, old in enumerate(self._history):
                if old.reason in seen:
                    first = seen[old.reason]
                    times = old.times + self._history[first].times
                    self._history[number] = old.model_copy(update={"times": times})
                    del self._history[first]
                    break
                seen[old.reason] = number

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.current:
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
