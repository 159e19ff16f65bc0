"""The engine that sends requests: as many at once as the backend takes, each answer kept before it counts.

A request stays in flight until its answer is durable in the response log, so that a killed process loses
at most what was in flight. Only failures that may pass are retried, and no failure is ever logged.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from random import uniform
from time import monotonic
from typing import Generic, NamedTuple, Protocol, TypeVar

from pydantic import TypeAdapter

from assay.errors import (
    EndpointRefused,
    NothingAnswers,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.engine.answers import answered
from harnesses.engine.keys import Keys
from harnesses.engine.limit import Limit
from harnesses.engine.patience import Patience
from harnesses.engine.throughput import generated, scored
from harnesses.providers.protocol import Provider

A = TypeVar("A")
T = TypeVar("T")

CONCURRENCY = 64
LONGEST = 600.0
TRIES = 8
LONGEST_PAUSE = 20.0
LONGEST_UNANSWERED = 3.0
"""Seconds between two looks whether a backend is there again, which cost it nothing."""
LONGEST_SLOWED = 1800.0
"""Seconds for which a request is held back, again and again, at the backend's wish."""
OUTAGE = 90.0
"""Seconds of nothing but failures after which the backend is taken for dead."""
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
        admit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.provider = provider
        self.stats = Stats()
        self.limit = Limit(concurrency)
        self._patience = Patience(timeout)
        self._keys = Keys(checkpoint.fingerprint, provider.conditions)
        self._log = log if provider.logged else None
        self._admit = admit
        self._failing_since: float | None = None
        self._dead: ProviderError | None = None
        self._readying: asyncio.Task[None] | None = None

    async def complete(self, call: Call) -> Answer:
        """Answer one call, from the log where it is there; raises ProviderError."""
        key = self._keys.call(call)
        known = await self._log.find([key]) if self._log else {}
        return self._known(known[key]) if key in known else await self._ask(call, key)

    async def complete_all(self, calls: Sequence[Call]) -> AsyncIterator[tuple[int, Answer | ProviderError]]:
        """Answer many calls, looked up in the log at once, as they come; yields positions.

        A call that fails yields its error; raises EndpointRefused where none would be answered.
        """
        keys = [self._keys.call(call) for call in calls] if self._log else [""] * len(calls)
        known = await self._log.find(keys) if self._log else {}

        missing = []
        for place, key in enumerate(keys):
            if key in known:
                yield place, self._known(known[key])
            else:
                missing.append(place)

        async def one(place: int) -> Answer:
            return await self._ask(calls[place], keys[place])

        async for result in _as_they_come(missing, one, workers=self.limit.most):
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
        if self._readying is not None:
            self._readying.cancel()
            await asyncio.gather(self._readying, return_exceptions=True)
        try:
            if self._log:
                await self._log.aclose()
        finally:
            await self.provider.aclose()

    def _known(self, body: bytes) -> Answer:
        self.stats.cached += 1
        return Answer(answered(Completion.model_validate_json(body)), cached=True, seconds=0.0)

    async def _ask(self, call: Call, key: str) -> Answer:
        began = monotonic()

        async def keep(completion: Completion | None) -> None:
            if completion is not None and self._log:
                await self._log.append_all({key: completion.__pydantic_serializer__.to_json(completion)})

        longest = call.sampling.max_tokens
        completion = await self._send(_Job(self.provider.complete, call, keep, generated, tokens=longest))
        if completion is not None:
            self.stats.prompt_tokens += completion.prompt_tokens or 0
            self.stats.completion_tokens += completion.completion_tokens or 0
            completion = answered(completion)
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

        async def keep(found: Sequence[LogLikelihood]) -> None:
            if self._log:
                bodies = (one.__pydantic_serializer__.to_json(one) for one in found)
                await self._log.append_all(dict(zip(pairs, bodies, strict=True)))

        asked = list(pairs.values())

        async def ask(what: list[Pair]) -> list[LogLikelihood]:
            return _numbers(await self.provider.loglikelihood(what))

        job = _Job(ask, asked, keep, lambda found: scored(asked), tokens=0)
        found = await self._send(job)
        return _Scored(dict(zip(pairs, found, strict=True)), monotonic() - began)

    async def _send(self, job: "_Job[A, T]") -> T:
        """Ask until there is an answer, and keep it; raises what cannot pass, or does not."""
        tries = _Tries()
        while True:
            if self._dead is not None:
                raise self._dead
            try:
                if self._readying is None or not self._readying.done():
                    await self._make_ready()
                return await self._attempt(job, attempt=tries.failed)
            except EndpointRefused as error:
                self._dead = error
                raise
            except ProviderError as error:
                if not error.retryable or tries.are_spent(error) or self._is_dead(error):
                    self.stats.failed += 1
                    raise
                self.stats.retried += 1
                await asyncio.sleep(_pause(error, tries.failed))

    async def _make_ready(self) -> None:
        """Let the provider start what it needs, once, for as long as that takes."""
        if self._readying is None:
            self._readying = asyncio.create_task(self.provider.ready())
        try:
            # One who gives up waiting takes nobody along.
            await asyncio.shield(self._readying)
        except ProviderError as error:
            self._dead = error
            raise

    async def _attempt(self, job: "_Job[A, T]", *, attempt: int) -> T:
        if self._admit is not None:
            await self._admit()
        await self.limit.acquire()
        try:
            self.stats.requests += 1
            with self._patience.deadline(job.tokens, attempt=attempt) as waited:
                result = await job.ask(job.what)
            self._failing_since = None
            work = job.weigh(result)
            self._patience.learn(job.tokens, seconds=waited.seconds, work=work)
            self.limit.well(in_flight=waited.in_flight, seconds=waited.seconds, work=work)
            # Outside the deadline: a slow disk is not the fault of the backend.
            await job.keep(result)
        except TimeoutError:
            self.limit.overloaded("timeout")
            seconds = self._patience.allowed(job.tokens, attempt=attempt)
            raise ProviderUnavailable(
                f"{self.provider.name} gave no answer within {seconds:.0f} s.",
                remedy="Check the server, or allow more with -M timeout=SECONDS.",
            ) from None
        except RateLimited as error:
            self.limit.overloaded("429", retry_after=error.retry_after)
            raise
        finally:
            self.limit.release()
        return result

    def _is_dead(self, error: ProviderError) -> bool:
        """Give up for all requests once all have failed for a long time."""
        if isinstance(error, RateLimited):
            return False
        now = monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since < OUTAGE:
            return False
        self._dead = error
        return True


@dataclass(slots=True)
class _Job(Generic[A, T]):
    """What is asked of the provider, and what is done with the answer."""

    ask: Callable[[A], Awaitable[T]]
    what: A
    keep: Callable[[T], Awaitable[None]]
    weigh: Callable[[T], float]
    """Tells the work that an answer was."""
    tokens: int
    """The most that the answer may have."""


class _Scored(NamedTuple):
    found: Mapping[str, LogLikelihood]
    seconds: float


class _Tries:
    """How often a request has failed, and whether it has had its chances."""

    def __init__(self) -> None:
        self.failed = 0
        self._counted = 0
        self._slowed_since: float | None = None

    def are_spent(self, error: ProviderError) -> bool:
        """Count a failure; one that says nothing of this request is no reason to give it up."""
        self.failed += 1
        if isinstance(error, RateLimited):
            now = monotonic()
            self._slowed_since = now if self._slowed_since is None else self._slowed_since
            return now - self._slowed_since > LONGEST_SLOWED
        if not isinstance(error, NothingAnswers):
            self._counted += 1
        return self._counted >= TRIES


def _numbers(likelihoods: list[LogLikelihood]) -> list[LogLikelihood]:
    """Refuse NaN before anything is kept, so that the pairs of the batch are asked for one by one."""
    if any(isnan(likelihood.logprob) for likelihood in likelihoods):
        raise RequestRefused("The log-probability is not a number (NaN).")
    return likelihoods


def _pause(error: ProviderError, failed: int) -> float:
    """Wait twice as long each time, by chance up to half less (full jitter would hurry too much)."""
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return uniform(0, 0.1)  # noqa: S311 - the limit already waits for the time that was asked for
    longest = LONGEST_UNANSWERED if isinstance(error, NothingAnswers) else LONGEST_PAUSE
    return min(longest, 0.125 * 2.0 ** min(failed, 10)) * uniform(0.5, 1.0)  # noqa: S311


async def _as_they_come(
    places: Iterable[int], one: Callable[[int], Awaitable[T]], *, workers: int
) -> AsyncIterator[tuple[int, T | ProviderError]]:
    """Run `one` for each place with a fixed number of workers; yields results as they come."""
    todo = deque(places)
    count = len(todo)
    results: deque[tuple[int, T | ProviderError] | BaseException] = deque()
    arrived = asyncio.Event()

    async def work() -> None:
        while todo:
            place = todo.popleft()
            try:
                results.append((place, await one(place)))
            except EndpointRefused as error:
                results.append(error)
                return
            except ProviderError as error:
                results.append((place, error))
            except BaseException as error:  # raised to whoever iterates, who would wait for ever
                results.append(error)
                raise
            finally:
                arrived.set()

    running = [asyncio.create_task(work()) for _ in range(min(workers, count))]
    try:
        for _ in range(count):
            while not results:
                arrived.clear()
                await arrived.wait()
            result = results.popleft()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
