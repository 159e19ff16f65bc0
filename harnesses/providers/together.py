"""Answer the calls that wait together, in one thread: for weights in this process.

The work belongs to the provider and to no caller, so that a caller who gives up takes nobody along.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from assay.errors import ProviderError
from assay.records import Call, Completion

T = TypeVar("T")

SORTED = 8
"""Batches that are sorted by length at once: texts of a length waste least on padding, and those that wait
longest are not left behind."""

Waiting = tuple[Call, "asyncio.Future[Completion]"]
Generate = Callable[[Sequence[Call]], Sequence[Completion | ProviderError]]


class Together:
    """Hand calls to a function in batches, and each its own answer back."""

    def __init__(self, name: str, *, size: int, generate: Generate) -> None:
        self._size = size
        self._generate = generate
        self._waiting: list[Waiting] = []
        self._answering: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def complete(self, call: Call) -> Completion:
        """Answer one call with the others that wait; raises what the function says of it, or raises."""
        answer: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, answer))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_all())
        return await answer

    async def run(self, work: Callable[[], T]) -> T:
        """Do something else in the thread, between two batches."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def aclose(self) -> None:
        """Let go of the thread and of whoever still waits."""
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _answer_all(self) -> None:
        taken: list[Waiting] = []
        try:
            while self._waiting:
                taken = sorted(self._waiting[: SORTED * self._size], key=lambda one: _length(one[0]))
                self._waiting = self._waiting[SORTED * self._size :]
                for start in range(0, len(taken), self._size):
                    await self._answer(
                        [one for one in taken[start : start + self._size] if not one[1].done()]
                    )
        finally:
            for _, answer in (*taken, *self._waiting):
                answer.cancel()
            self._waiting.clear()

    async def _answer(self, batch: Sequence[Waiting]) -> None:
        if not batch:
            return
        try:
            found = await self.run(lambda: self._generate([call for call, _ in batch]))
        except asyncio.CancelledError:
            for _, answer in batch:
                answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), completion in zip(batch, found, strict=True):
            if answer.done():
                continue
            if isinstance(completion, Completion):
                answer.set_result(completion)
            else:
                answer.set_exception(completion)


def _length(call: Call) -> int:
    return len(call.prompt) + sum(len(message.content) for message in call.messages)
