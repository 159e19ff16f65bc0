"""The engine that sends requests: as many at once as the backend takes, each answer kept before it counts.

A request stays in flight until its answer is durable in the response log, so that a killed process loses
at most what was in flight. Only failures that may pass are retried, and no failure is ever logged.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import uniform
from time import monotonic
from typing import NamedTuple, Protocol, TypeVar

from pydantic import TypeAdapter

from assay.errors import EndpointRefused, ProviderError, ProviderUnavailable, RateLimited, RequestRefused
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.keys import Keys
from harnesses.limit import Limit
from harnesses.patience import Patience
from harnesses.providers.protocol import Provider

T = TypeVar("T")

CONCURRENCY = 64
LONGEST = 600.0
TRIES = 8
LONGEST_PAUSE = 20.0
OUTAGE = 90.0
"""Seconds without any answer, all failing, after which the backend is taken for dead."""
LIKELIHOOD: TypeAdapter[LogLikelihood] = TypeAdapter(LogLikelihood)


class Log(Protocol):
    """What keeps answers: the store's response log."""

    async def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the answers that are there, by key."""
        ...

    async def append_all(self, bodies: Mapping[str, bytes]) -> None:
        """Return once these are durable."""
        ...

    async def aclose(self) -> None:
        """Write what waits."""
        ...


class Answer(NamedTuple):
    """What came of a call; `completion` is None where a provider of stored answers has none."""

    completion: Completion | None
    cached: bool
    seconds: float


class Likelihoods(NamedTuple):
    """What came of the pairs of one question."""

    found: tuple[LogLikelihood, ...]
    cached: bool
    seconds: float


@dataclass
class Stats:
    """What an engine has done so far."""

    requests: int = 0
    """Sent, retries included."""
    cached: int = 0
    retried: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Engine:
    """Send requests to one checkpoint; shared by all evaluations of a process."""

    def __init__(
        self,
        provider: Provider,
        *,
        checkpoint: Checkpoint,
        log: Log | None = None,
        concurrency: int = CONCURRENCY,
        timeout: float = LONGEST,
    ) -> None:
        self.provider = provider
        self.stats = Stats()
        self.limit = Limit(concurrency)
        self._patience = Patience(timeout)
        self._keys = Keys(checkpoint.fingerprint, provider.conditions)
        self._log = log if provider.logged else None
        self._well = monotonic()
        self._dead: ProviderError | None = None

    async def complete(self, call: Call) -> Answer:
        """Answer one call, from the log where it is there; raises ProviderError."""
        key = self._keys.call(call)
        known = await self._log.find([key]) if self._log else {}
        return await self._complete(call, key, known.get(key))

    async def complete_all(self, calls: Sequence[Call]) -> AsyncIterator[tuple[int, Answer | ProviderError]]:
        """Answer many calls, looked up in the log at once, as they come; yields positions.

        A call that fails yields its error; raises EndpointRefused where none would be answered.
        """
        keys = [self._keys.call(call) for call in calls] if self._log else [""] * len(calls)
        known = await self._log.find(keys) if self._log else {}

        async def one(place: int) -> Answer:
            return await self._complete(calls[place], keys[place], known.get(keys[place]))

        async for result in _as_they_come(range(len(calls)), one, workers=self.limit.most):
            yield result

    async def loglikelihoods_all(
        self, groups: Sequence[Sequence[Pair]]
    ) -> AsyncIterator[tuple[int, Likelihoods | ProviderError]]:
        """Score the pairs of many questions, several to a request where the backend takes that."""
        keys = [[self._keys.pair(pair) for pair in group] for group in groups]
        flat = list(dict.fromkeys(key for some in keys for key in some))
        stored = await self._log.find(flat) if self._log else {}
        known = {key: LIKELIHOOD.validate_json(body) for key, body in stored.items()}
        waiting = {
            key: pair
            for some, group in zip(keys, groups, strict=True)
            for key, pair in zip(some, group, strict=True)
            if key not in known
        }
        self.stats.cached += len(known)
        places: dict[str, set[int]] = {}
        missing = [{key for key in some if key in waiting} for some in keys]
        for place, some in enumerate(missing):
            for key in some:
                places.setdefault(key, set()).add(place)
            if not some:
                yield place, Likelihoods(tuple(known[key] for key in keys[place]), cached=True, seconds=0.0)
        failed: set[int] = set()
        async for batch, outcome in self._score_batches(waiting):
            for key in batch:
                for place in places[key] - failed:
                    if isinstance(outcome, ProviderError):
                        failed.add(place)
                        yield place, outcome
                        continue
                    known[key] = outcome.found[key]
                    missing[place].discard(key)
                    if not missing[place]:
                        found = tuple(known[key] for key in keys[place])
                        yield place, Likelihoods(found, cached=False, seconds=outcome.seconds)

    async def aclose(self) -> None:
        """Write what waits, and let go of the provider."""
        try:
            if self._log:
                await self._log.aclose()
        finally:
            await self.provider.aclose()

    async def _complete(self, call: Call, key: str, body: bytes | None) -> Answer:
        if body is not None:
            self.stats.cached += 1
            return Answer(Completion.model_validate_json(body), cached=True, seconds=0.0)
        began = monotonic()

        async def send() -> Completion | None:
            completion = await self.provider.complete(call)
            if completion is not None and self._log:
                await self._log.append_all({key: completion.__pydantic_serializer__.to_json(completion)})
            return completion

        completion = await self._send(send)
        if completion is not None:
            self.stats.prompt_tokens += completion.prompt_tokens or 0
            self.stats.completion_tokens += completion.completion_tokens or 0
        return Answer(completion, cached=False, seconds=monotonic() - began)

    async def _score_batches(
        self, waiting: Mapping[str, Pair]
    ) -> "AsyncIterator[tuple[Sequence[str], _Scored | ProviderError]]":
        keys, size = list(waiting), self.provider.pairs_per_call
        batches = [keys[start : start + size] for start in range(0, len(keys), size)]
        alone: list[list[str]] = []
        for some in (batches, alone):

            async def one(place: int, some: Sequence[Sequence[str]] = some) -> _Scored:
                return await self._score({key: waiting[key] for key in some[place]})

            async for place, outcome in _as_they_come(range(len(some)), one, workers=self.limit.most):
                if isinstance(outcome, RequestRefused) and len(some[place]) > 1:
                    alone += [[key] for key in some[place]]
                else:
                    yield some[place], outcome

    async def _score(self, pairs: Mapping[str, Pair]) -> "_Scored":
        began = monotonic()

        async def send() -> dict[str, LogLikelihood]:
            found = dict(zip(pairs, await self.provider.loglikelihood(list(pairs.values())), strict=True))
            if self._log:
                await self._log.append_all(
                    {k: ll.__pydantic_serializer__.to_json(ll) for k, ll in found.items()}
                )
            return found

        return _Scored(await self._send(send), monotonic() - began)

    async def _send(self, send: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(TRIES):
            if self._dead is not None:
                raise self._dead
            try:
                return await self._attempt(send, attempt)
            except EndpointRefused as error:
                self._dead = error
                raise
            except ProviderError as error:
                if not error.retryable or attempt == TRIES - 1 or self._is_dead(error):
                    self.stats.failed += 1
                    raise
                self.stats.retried += 1
                await asyncio.sleep(_pause(error, attempt))
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, send: Callable[[], Awaitable[T]], attempt: int) -> T:
        await self.limit.acquire()
        try:
            self.stats.requests += 1
            async with self._patience.deadline(attempt=attempt):
                result = await send()
        except TimeoutError:
            self.limit.overloaded()
            seconds = self._patience.allowed(attempt)
            raise ProviderUnavailable(
                f"{self.provider.name} gave no answer within {seconds:.0f} s.",
                remedy="Check the server, or allow more with -M timeout=SECONDS.",
            ) from None
        except RateLimited as error:
            self.limit.overloaded(retry_after=error.retry_after)
            raise
        finally:
            self.limit.release()
        self._well = monotonic()
        self.limit.well()
        return result

    def _is_dead(self, error: ProviderError) -> bool:
        """Give up for all requests once nothing has been answered for a long time."""
        if monotonic() - self._well < OUTAGE or isinstance(error, RateLimited):
            return False
        self._dead = error
        return True


class _Scored(NamedTuple):
    found: Mapping[str, LogLikelihood]
    seconds: float


def _pause(error: ProviderError, attempt: int) -> float:
    """Wait twice as long each time, by chance up to half less (full jitter would hurry too much)."""
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return uniform(0, 0.1)  # noqa: S311 - the limit already waits for the time that was asked for
    return min(LONGEST_PAUSE, 0.25 * 2.0**attempt) * uniform(0.5, 1.0)  # noqa: S311


async def _as_they_come(
    places: Iterable[int], one: Callable[[int], Awaitable[T]], *, workers: int
) -> AsyncIterator[tuple[int, T | ProviderError]]:
    """Run `one` for each place with a fixed number of workers; yields results as they come."""
    todo = deque(places)
    results: asyncio.Queue[tuple[int, T | ProviderError] | BaseException] = asyncio.Queue()
    count = len(todo)

    async def work() -> None:
        while todo:
            place = todo.popleft()
            try:
                results.put_nowait((place, await one(place)))
            except EndpointRefused as error:
                results.put_nowait(error)
                return
            except ProviderError as error:
                results.put_nowait((place, error))
            except BaseException as error:  # raised to whoever iterates, who would wait for ever
                results.put_nowait(error)
                raise

    running = [asyncio.create_task(work()) for _ in range(min(workers, count))]
    try:
        for _ in range(count):
            result = await results.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
