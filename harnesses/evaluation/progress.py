"""How far evaluations are: counters that they write, and displays read."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from harnesses.engine.engine import Engine


@dataclass
class Progress:
    """Counters of one evaluation."""

    title: str
    expected: int = 0
    """Samples to draw; 0 until the questions are loaded."""
    failed: int = 0
    requested: int = 0
    """Samples that were not in the response log."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    step: str = ""
    """The step that began last."""
    engine: Engine | None = None
    """What sends the requests, for their rates."""
    done_by_shard: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Samples that are drawn or have failed."""
        return self.done_by_shard.total()

    def description(self) -> str:
        """One line for people: `gsm8k on qwen: 120 of 1,319 samples, 2 failed`."""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.title}: {self.done:,} of {self.expected:,} samples{failed}"


Board = dict[int, Progress]
"""Evaluations in progress, by the identity of their counters."""

_board: ContextVar[Board | None] = ContextVar("board", default=None)


@contextmanager
def board() -> Iterator[Board]:
    """Collect the progress of all evaluations that run inside the block."""
    evaluations: Board = {}
    token = _board.set(evaluations)
    try:
        yield evaluations
    finally:
        _board.reset(token)


@contextmanager
def on_board(progress: Progress) -> Iterator[None]:
    """Show an evaluation on the board of its caller, if there is one, while the block runs."""
    evaluations = _board.get()
    if evaluations is not None:
        evaluations[id(progress)] = progress
    try:
        yield
    finally:
        if evaluations is not None:
            del evaluations[id(progress)]
