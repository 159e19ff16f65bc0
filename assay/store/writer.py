"""A thread that writes the items of many coroutines, a batch at a time."""

import atexit
import threading
from asyncio import AbstractEventLoop, Future
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from assay.errors import StoreError
from assay.store.outage import outlasting

LARGEST = 1000
"""Items in one transaction at most, so that other processes get their turn."""
REST = 0.01
"""Seconds between two transactions, in which a batch gathers: a transaction costs as much as 50 rows."""


class Appended(NamedTuple):
    """Responses by key, and the future that waits for them."""

    bodies: Mapping[str, bytes]
    waiter: "Future[None]"


class GroupWriter:
    """Passes batches to `write` in a thread, and settles the futures of whoever waits.

    A `StoreUnavailable` is retried for `patience` seconds; any other error fails the batch, not the writer.
    The thread starts with the first item, and everything queued is written before the process exits. An item
    after a pause is written at once; one soon after a transaction waits so that a batch can gather.
    """

    def __init__(self, write: Callable[[Sequence[Appended]], None], *, patience: float) -> None:
        self._waiting: deque[Appended] = deque()
        self._write = outlasting(write, seconds=patience)
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, item: Appended) -> None:
        """Queue an item; raises StoreError once the writer is closed."""
        with self._lock:
            if self._ending.is_set():
                raise StoreError("The response log is closed, so nothing can be appended to it.")
            self._waiting.append(item)
            if self._thread is None:
                # A daemon: any other thread would keep alive a process that forgot to close the writer.
                self._thread = threading.Thread(target=self._run, name="response-log", daemon=True)
                self._thread.start()
                atexit.register(self.close)
        if not self._wanted.is_set():
            self._wanted.set()

    def close(self) -> None:
        """Wait until everything queued has been written or given up; may be called twice."""
        with self._lock:
            self._ending.set()
            thread, self._thread = self._thread, None
        self._wanted.set()
        if thread is not None:
            thread.join()
            atexit.unregister(self.close)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            # Cleared before the queue is emptied, so that an item queued meanwhile is noticed.
            self._wanted.clear()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST))]
                _tell(batch, self._attempt(batch))
                self._ending.wait(REST)
            if self._ending.is_set() and not self._waiting:
                return

    def _attempt(self, batch: Sequence[Appended]) -> Exception | None:
        try:
            self._write(batch)
        except Exception as error:  # noqa: BLE001 - the waiters raise it; the thread lives on for the others
            return error
        return None


def _tell(batch: Sequence[Appended], error: Exception | None) -> None:
    loops: defaultdict[AbstractEventLoop, list[Future[None]]] = defaultdict(list)
    for item in batch:
        loops[item.waiter.get_loop()].append(item.waiter)
    for loop, waiters in loops.items():
        # Nobody waits in a closed loop.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, waiters, error)


def _settle(waiters: Sequence["Future[None]"], error: Exception | None) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)
