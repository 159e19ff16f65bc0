"""What a program writes, kept up to a limit, and what its exit code says."""

import asyncio
import signal

from sandbox.protocol import Ending

PIECE = 1 << 16
LAST_WORDS = 2.0
"""Seconds to read what a process that has ended left in its pipes."""
KILLED = 128 + signal.SIGKILL


class Output:
    """What a process writes, up to a limit shared by both of its streams."""

    def __init__(self, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader, *, limit: int) -> None:
        self._left = limit
        self.full = asyncio.Event()
        self._kept = (bytearray(), bytearray())
        pairs = zip((stdout, stderr), self._kept, strict=True)
        self._tasks = [asyncio.create_task(self._read(stream, kept)) for stream, kept in pairs]

    async def finish(self) -> tuple[bytes, bytes]:
        """Return both streams once they have ended, or the little time for that has passed."""
        await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        self.drop()
        return bytes(self._kept[0]), bytes(self._kept[1])

    def drop(self) -> None:
        """Read no more."""
        for task in self._tasks:
            task.cancel()

    async def _read(self, stream: asyncio.StreamReader, kept: bytearray) -> None:
        while piece := await stream.read(PIECE):
            kept += piece[: max(0, self._left)]
            self._left -= len(piece)
            if self._left < 0:
                self.full.set()


def ending_of(code: int) -> Ending:
    """How a program ended that was left to end by itself."""
    if code == 0:
        return "ok"
    return "killed" if code < 0 or code == KILLED else "nonzero"
