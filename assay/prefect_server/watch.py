"""The process that runs the server: starts it again when it fails, ends it when idle or without a home."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

IDLE = float(os.environ.get("ASSAY_SERVER_IDLE_SECONDS", "1800"))
EVERY = 2.0
FAILURES, WITHIN = 5, 120.0
"""So many ends of the server in so many seconds are not mended by starting it once more."""


class Watcher:
    """Keeps one server running on a socket that is already open."""

    def __init__(self, descriptor: int, folder: Path) -> None:
        self._descriptor = descriptor
        self._folder = folder
        self._over = False
        self._server: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Keep the server running until told to end, or nobody needs it; returns its exit code."""
        ends: list[float] = []
        while True:
            self._server = self._start()
            code = self._watch(self._server)
            ends = [end for end in ends if time.monotonic() - end < WITHIN] + [time.monotonic()]
            if self._over or len(ends) >= FAILURES:
                return code
            print(f"The Prefect server ended with {code}; it is started again.", file=sys.stderr, flush=True)

    def end(self, _signal: int, _frame: FrameType | None) -> None:
        """End the server for good."""
        self._over = True
        if self._server is not None:
            self._server.terminate()

    def _start(self) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-m", "deployments.server", str(self._descriptor)]
        return subprocess.Popen(argv, pass_fds=(self._descriptor,))  # noqa: S603 - this interpreter

    def _watch(self, server: "subprocess.Popen[bytes]") -> int:
        while server.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                server.wait(EVERY)
            if self._gone() or (_idle(self._folder) > IDLE and not _kept(self._folder)):
                self._over = True
                server.terminate()
        return server.returncode

    def _gone(self) -> bool:
        return not (self._folder / "server.json").exists()


def _idle(folder: Path) -> float:
    try:
        return time.time() - (folder / "server.used").stat().st_mtime
    except OSError:
        return 0.0


def _kept(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "server.json").read_text())["kept"])
    except (OSError, ValueError, KeyError):
        return False


def main(descriptor: int, folder: Path) -> int:
    """Run the server on an open socket; returns its exit code."""
    watcher = Watcher(descriptor, folder)
    signal.signal(signal.SIGTERM, watcher.end)
    return watcher.run()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
