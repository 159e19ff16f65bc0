"""One thread that writes what many coroutines hand it, a batch at a time."""

import threading
from asyncio import AbstractEventLoop, Future
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from assay.errors import StoreError, StoreUnavailable

LARGEST = 1000
"""How many are written in one transaction at most, so that other processes get their turn."""


class Appended(NamedTuple):
    """Responses by key, and who waits for them."""

    bodies: Mapping[str, bytes]
    waiter: "Future[None]"


class GroupWriter:
    """Hand batches to `write` in a thread and tell the waiters how it went.

    A `StoreUnavailable` is tried again for `patience` seconds; any other error ends the batch, not the
    writer. The thread starts with the first item and is no daemon: what was put is written before exit.
    """

    def __init__(self, write: Callable[[Sequence[Appended]], None], *, patience: float) -> None:
        self._queue: SimpleQueue[Appended | None] = SimpleQueue()
        self._write = Retrying(
            retry=retry_if_exception_type(StoreUnavailable),
            wait=wait_random_exponential(multiplier=0.05, max=2),
            stop=stop_after_delay(patience),
            reraise=True,
        ).wraps(write)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, item: Appended) -> None:
        """Queue an item; raises StoreError once the writer is closed."""
        with self._lock:
            if self._closed:
                raise StoreError("The response log is closed, so nothing can be appended to it.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="response-log")
                self._thread.start()
            self._queue.put(item)

    def close(self) -> None:
        """Return once everything that was put has been written or given up; may be called twice."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        for batch in self._batches():
            error = self._attempt(batch)
            _tell(batch, error)

    def _attempt(self, batch: Sequence[Appended]) -> Exception | None:
        try:
            self._write(batch)
        except Exception as error:  # noqa: BLE001 - the waiters raise it; the thread lives on for the others
            return error
        return None

    def _batches(self) -> Iterator[list[Appended]]:
        while (first := self._queue.get()) is not None:
            batch, last = [first], False
            with suppress(Empty):
                while len(batch) < LARGEST and not last:
                    item = self._queue.get_nowait()
                    if item is None:
                        last = True
                    else:
                        batch.append(item)
            yield batch
            if last:
                return


def _tell(batch: Sequence[Appended], error: Exception | None) -> None:
    loops: defaultdict[AbstractEventLoop, list[Future[None]]] = defaultdict(list)
    for one in batch:
        loops[one.waiter.get_loop()].append(one.waiter)
    for loop, waiters in loops.items():
        # A loop that has been closed has nobody waiting in it.
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
