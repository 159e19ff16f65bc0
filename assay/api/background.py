"""An event loop in a thread of its own, so that evaluations run in scripts, notebooks and trainers alike."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from typing import TypeVar

T = TypeVar("T")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=_run_forever, args=(loop,), name="assay", daemon=True).start()
    return loop


def _run_forever(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        # A library that exits the process, as rich does on a broken pipe, would end the loop instead; the
        # evaluation that it happened to is told.
        with suppress(SystemExit):
            loop.run_forever()


def start(coroutine: Coroutine[object, object, T]) -> "Future[T]":
    """Start a coroutine in the background; cancelling the future cancels it."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())
