"""How long a request may take: a multiple of the slowest answer seen, so that a hanging one is noticed.

One timer looks at all requests in flight, because a timer for each costs more than all else about it.
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType

from harnesses.engine.throughput import OVERHEAD

FACTOR = 10.0
SPARE = 3.0
"""As many times what the longest answer would take that the request allows, at the usual pace."""
LEAST = 10.0
KNOWN_AFTER = 20
"""Answers that must have come before the deadline goes below the longest allowed."""
LOOK_EVERY = 0.1
"""Seconds; a deadline is kept to this."""


@dataclass(slots=True)
class Seen:
    """Answers that might have been equally long."""

    answers: int = 0
    seconds: float = 0.0
    work: float = 0.0
    slowest: float = 0.0


class Patience:
    """A deadline for each request that shrinks, also for those in flight, as answers come in.

    Short answers say little of long ones: requests are known by the most tokens that they may be answered
    with, and may always take a multiple of what so many would.
    """

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._seen: dict[int, Seen] = {}
        self._running: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None

    def deadline(self, tokens: int, *, attempt: int) -> "Deadline":
        """Raise TimeoutError when the deadline passes; each further attempt is given twice the time."""
        return Deadline(self, tokens, attempt)

    def allowed(self, tokens: int, *, attempt: int) -> float:
        """Seconds that an attempt may take."""
        seen = self._seen.get(tokens)
        if seen is None or seen.answers < KNOWN_AFTER:
            return self.longest
        full = (OVERHEAD + tokens) * seen.seconds / seen.work
        return min(self.longest, max(LEAST, FACTOR * seen.slowest, SPARE * full) * 2.0**attempt)

    def learn(self, tokens: int, *, seconds: float, work: float) -> None:
        """Note how long an answer took, and what it took to make (`throughput.generated`)."""
        seen = self._seen.get(tokens)
        if seen is None:
            seen = self._seen[tokens] = Seen()
        seen.answers += 1
        seen.seconds += seconds
        seen.work += work
        seen.slowest = max(seen.slowest, seconds)

    def begin(self, deadline: "Deadline") -> int:
        """Watch a request; returns how many are watched with it."""
        self._running.add(deadline)
        if self._timer is None:
            self._look_later()
        return len(self._running)

    def end(self, deadline: "Deadline") -> int:
        """Watch a request no more; returns how many were watched until now."""
        watched = len(self._running)
        self._running.discard(deadline)
        if not self._running and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return watched

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def _look(self) -> None:
        assert self._timer is not None
        now = asyncio.get_running_loop().time()
        late = now - self._timer.when()
        for deadline in self._running:
            if late > LOOK_EVERY:
                # This process stood still, and answers may lie unread: not the backend's fault.
                deadline.began += late
            if not deadline.passed and now - deadline.began > self.allowed(
                deadline.tokens, attempt=deadline.attempt
            ):
                deadline.expire()
        self._look_later()


class Deadline:
    """The deadline of one request, kept by cancelling the task that waits for it.

    It counts cancellations as `asyncio.timeout` does, so that one from elsewhere is never taken for its own.
    """

    __slots__ = (
        "_cancelling",
        "_patience",
        "_task",
        "attempt",
        "began",
        "in_flight",
        "passed",
        "seconds",
        "tokens",
    )

    def __init__(self, patience: Patience, tokens: int, attempt: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._patience = patience
        self._task = task
        self._cancelling = task.cancelling()
        self.tokens = tokens
        self.attempt = attempt
        self.began = asyncio.get_running_loop().time()
        self.passed = False
        self.in_flight = 0.0
        """How many requests the backend had meanwhile, this one included: the mean of beginning and end."""
        self.seconds = 0.0
        """How long the answer took."""

    def __enter__(self) -> "Deadline":
        """Begin to wait."""
        self.in_flight = self._patience.begin(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the waiting; raises TimeoutError where the deadline ended it."""
        self.in_flight = (self.in_flight + self._patience.end(self)) / 2
        if self.passed:
            mine = self._task.uncancel() <= self._cancelling
            if mine and kind is asyncio.CancelledError:
                raise TimeoutError from error
        elif kind is None:
            self.seconds = asyncio.get_running_loop().time() - self.began

    def expire(self) -> None:
        """Let the waiting end with TimeoutError."""
        self.passed = True
        self._task.cancel()
