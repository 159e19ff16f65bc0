"""How long a request may take: a multiple of the slowest answer seen, so that a hanging one is noticed.

One timer looks at all requests in flight, because a timer for each costs more than all else about it.
"""

import asyncio
from types import TracebackType

FACTOR = 10.0
LEAST = 10.0
KNOWN_AFTER = 20
"""Answers that must have come before the deadline goes below the longest allowed."""
LOOK_EVERY = 0.1
"""Seconds; a deadline is kept to this."""


class Patience:
    """A deadline for each request that shrinks, also for those in flight, as answers come in."""

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._slowest = 0.0
        self._answers = 0
        self._running: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None

    def deadline(self, *, attempt: int) -> "Deadline":
        """Raise TimeoutError when the deadline passes; each further attempt is given twice the time."""
        return Deadline(self, attempt)

    def allowed(self, attempt: int) -> float:
        """Seconds that an attempt may take."""
        if self._answers < KNOWN_AFTER:
            return self.longest
        return min(self.longest, max(LEAST, FACTOR * self._slowest) * 2.0**attempt)

    def begin(self, deadline: "Deadline") -> None:
        """Watch a request."""
        self._running.add(deadline)
        if self._timer is None:
            self._look_later()

    def end(self, deadline: "Deadline") -> None:
        """Watch a request no more."""
        self._running.discard(deadline)
        if not self._running and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def learn(self, seconds: float) -> None:
        """Note how long an answer took."""
        self._answers += 1
        self._slowest = max(self._slowest, seconds)

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
            if not deadline.passed and now - deadline.began > self.allowed(deadline.attempt):
                deadline.expire()
        self._look_later()


class Deadline:
    """The deadline of one request, kept by cancelling the task that waits for it.

    It counts cancellations as `asyncio.timeout` does, so that one from elsewhere is never taken for its own.
    """

    __slots__ = ("_cancelling", "_patience", "_task", "attempt", "began", "passed")

    def __init__(self, patience: Patience, attempt: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._patience = patience
        self._task = task
        self._cancelling = task.cancelling()
        self.attempt = attempt
        self.began = asyncio.get_running_loop().time()
        self.passed = False

    def __enter__(self) -> None:
        """Begin to wait."""
        self._patience.begin(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the waiting; raises TimeoutError where the deadline ended it."""
        self._patience.end(self)
        if self.passed:
            mine = self._task.uncancel() <= self._cancelling
            if mine and kind is asyncio.CancelledError:
                raise TimeoutError from error
        elif kind is None:
            self._patience.learn(asyncio.get_running_loop().time() - self.began)

    def expire(self) -> None:
        """Let the waiting end with TimeoutError."""
        self.passed = True
        self._task.cancel()
