"""Keep the server there while a process works with it: note that it is used, start it again when it is gone.

Its watcher mends a server that fails; this mends the loss of both, and ends a command that no server answers.
"""

import os
import signal
import threading
import time

from assay.errors import AssayError, ServerError
from assay.prefect_server.lifecycle import ensure, touch
from assay.prefect_server.speech import given_url, healthy

EVERY = 5.0
PATIENCE = 45.0
"""Seconds without an answer after which a command is ended."""


class Keeper:
    """Looks after the server at an address, in a thread of its own."""

    def __init__(self, url: str, *, interrupts: bool) -> None:
        self.problem: ServerError | None = None
        """Why the process was interrupted."""
        self._url = url
        self._interrupts = interrupts
        self._over = threading.Event()

    def start(self) -> None:
        """Look every few seconds until stopped, or the process ends."""
        threading.Thread(target=self._run, name="assay-server", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def _run(self) -> None:
        answered = time.monotonic()
        while not self._over.wait(EVERY):
            if self._answers():
                answered = time.monotonic()
            elif time.monotonic() - answered > PATIENCE and self._interrupts:
                self._give_up()
                return

    def _answers(self) -> bool:
        if healthy(self._url):
            if given_url() is None:
                touch()
            return True
        if given_url() is not None:
            return False
        try:
            return ensure().url == self._url
        except (AssayError, OSError):
            return False

    def _give_up(self) -> None:
        self.problem = ServerError(
            "The Prefect server is gone, and no other could be started in its place.",
            remedy="What is finished is kept; the same command goes on from there.",
        )
        os.kill(os.getpid(), signal.SIGINT)


_keepers: list[Keeper] = []


def keep(url: str, *, interrupts: bool = True) -> None:
    """Look after a server for the rest of this process, which `interrupts` lets end without one."""
    _keepers.append(Keeper(url, interrupts=interrupts))
    _keepers[-1].start()


def release() -> ServerError | None:
    """Look after no server any more; returns why the process was interrupted, if that was why."""
    problem = next((keeper.problem for keeper in _keepers if keeper.problem), None)
    while _keepers:
        _keepers.pop().stop()
    return problem
