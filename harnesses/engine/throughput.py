"""What a backend gets done, in general and at each number of requests in flight.

By Little's law (1961) throughput is what is in flight divided by how long it stays. So each answer tells of
the throughput at the number in flight when it was asked for, also while that number rises. Work is counted in
tokens, so that long answers, which take long, are no sign of a slow backend.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assay.records import Completion, Pair

OVERHEAD = 8.0
"""Tokens generated in the time that a request takes beside its tokens."""
READ = 1 / 64
"""Tokens generated in the time that one is read."""
CHARACTERS = 4.0
"""To a token, where a backend counts none."""
REMEMBERED = 4
"""Rounds of answers that a level remembers, at most twice as many."""


def generated(completion: Completion | None) -> float:
    """Say to how many generated tokens, about, a generation comes."""
    if completion is None:
        return OVERHEAD
    told = completion.completion_tokens
    written = len(completion.text) + len(completion.reasoning or "")
    tokens = written / CHARACTERS if told is None else told
    return OVERHEAD + READ * (completion.prompt_tokens or 0) + tokens


def scored(pairs: Sequence[Pair]) -> float:
    """Say to how many generated tokens, about, the scoring of pairs comes."""
    read = sum([len(pair.context) + len(pair.continuation) for pair in pairs]) / CHARACTERS
    return OVERHEAD + READ * read


@dataclass(slots=True)
class Level:
    """Sums over answers to requests that were sent with about as many in flight."""

    answers: float = 0.0
    in_flight: float = 0.0
    seconds: float = 0.0
    work: float = 0.0

    def add(self, in_flight: float, seconds: float, work: float, *, most: int) -> None:
        """Add an answer, and forget half of what is there once it is more than `most`."""
        if self.answers >= most:
            self.answers /= 2
            self.in_flight /= 2
            self.seconds /= 2
            self.work /= 2
        self.answers += 1
        self.in_flight += in_flight
        self.seconds += seconds
        self.work += work

    @property
    def slots(self) -> float:
        """How many were in flight, on average."""
        return self.in_flight / self.answers if self.answers else 0.0

    @property
    def throughput(self) -> float:
        """Work done in a second."""
        return self.slots * self.work / self.seconds if self.seconds else 0.0


class Throughput:
    """Levels of requests in flight around 1, 2, 4, 8 and so on."""

    def __init__(self, most: int) -> None:
        self._levels = [Level() for _ in range(_level(most) + 1)]

    def note(self, in_flight: float, seconds: float, work: float) -> None:
        """Note an answer to a request beside which so many were in flight."""
        level = min(_level(in_flight), len(self._levels) - 1)
        self._levels[level].add(in_flight, seconds, work, most=max(64, REMEMBERED << level))

    def forget(self, *, least: float = 0, below: float | None = None) -> None:
        """Forget the levels from that of one limit to that of another, which tell of another time."""
        end = len(self._levels) if below is None else _level(below)
        for number in range(_level(least), end):
            self._levels[number] = Level()

    def is_flat(self, limit: int, *, apart: float, gain: float) -> bool:
        """Say whether a smaller limit got as much done.

        The highest level up to the limit that is known, by half as many answers as were in flight, is
        compared with those where fewer were by the factor `apart`. Where throughput grows as a power of what
        is in flight, up to the power `gain` is no growth.
        """
        levels = enumerate(self._levels[: _level(limit) + 1])
        known = [level for number, level in levels if level.answers >= 2 ** (number - 1)]
        if not known:
            return False
        *smaller, here = known
        return any(
            here.slots >= apart * level.slots
            and here.throughput < level.throughput * (here.slots / level.slots) ** gain
            for level in smaller
        )


def _level(in_flight: float) -> int:
    """Round the binary logarithm."""
    return int(in_flight * in_flight).bit_length() // 2


class Window:
    """What was done in the last rounds of answers, by the clock; each round counts if the limit was used."""

    def __init__(self, rounds: int) -> None:
        self._marks: deque[Mark] = deque(maxlen=rounds + 1)

    def mark(self, mark: "Mark", *, used: bool) -> None:
        """End a round; one in which less was asked for than allowed ends all that came before."""
        if not used:
            self._marks.clear()
        self._marks.append(mark)

    def clear(self) -> None:
        """Begin anew, after the round in progress."""
        self._marks.clear()

    @property
    def done(self) -> "Mark | None":
        """Return seconds, answers and work of its rounds; None before there are as many as asked for."""
        if len(self._marks) != self._marks.maxlen:
            return None
        first, last = self._marks[0], self._marks[-1]
        return Mark(*(b - a for a, b in zip(first, last, strict=True)))


class Mark(NamedTuple):
    """Seconds, answers and work, counted from some moment."""

    seconds: float
    answers: float
    work: float

    @property
    def rate(self) -> float:
        """Work done in a second."""
        return self.work / self.seconds if self.seconds else 0.0

    @property
    def size(self) -> float:
        """Work for an answer."""
        return self.work / self.answers if self.answers else 0.0
