"""Let SIGTERM, which schedulers send, end a command as Ctrl-C does."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Take SIGTERM for SIGINT while the block runs; outside of the main thread, leave it."""
    before = None
    with suppress(ValueError):
        before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # A process in the background of a shell may have inherited that SIGINT is ignored.
    if signal.getsignal(signal.SIGINT) in {signal.SIG_IGN, None}:
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
