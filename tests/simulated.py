"""Backends in simulated time: hours of an evaluation pass in a second."""

import asyncio
import selectors
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import pytest

from assay.records import Call, Checkpoint, Completion, LimitChange, LogLikelihood, Pair, Sampling
from harnesses.engine import engine, limit
from harnesses.engine.engine import Engine, Stats
from harnesses.providers.protocol import Ability

CHECKPOINT = Checkpoint(name="simulated:a", fingerprint="a")
TOKENS = 2000
STEPS = 4


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop that never waits: its time is that of its next timer."""

    def __init__(self) -> None:
        super().__init__(_Skipping(self))
        self.now = 0.0

    def time(self) -> float:
        return self.now


class _Skipping(selectors.SelectSelector):
    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.now += timeout or 0.0
        return super().select(0)


class Backend:
    """A provider that generates 100 tokens a second for each of `slots` requests; others queue.

    Where it is `shared`, each request slows each other by that share.
    """

    name = "simulated:a"
    logged = False
    pairs_per_call = 1
    conditions: Mapping[str, str] = {}
    doing = ""

    def __init__(self, lengths: Sequence[int], *, slots: int, shared: float) -> None:
        self.lengths = lengths
        self._free = asyncio.Semaphore(slots)
        self._shared = shared
        self._busy = 0

    async def complete(self, call: Call) -> Completion:
        tokens = self.lengths[int(call.prompt)]
        async with self._free:
            self._busy += 1
            for _ in range(STEPS if self._shared else 1):
                share = 1 + self._shared * self._busy
                await asyncio.sleep(0.01 * tokens * share / (STEPS if self._shared else 1))
            self._busy -= 1
        return Completion(text="x", prompt_tokens=50, completion_tokens=tokens)

    async def checkpoint(self) -> Checkpoint:
        return CHECKPOINT

    async def prove(self, ability: Ability) -> None:
        return None

    async def ready(self) -> None:
        return None

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        raise NotImplementedError

    async def aclose(self) -> None:
        return None


class Trace(NamedTuple):
    """How an evaluation went: what the engine did, the limit at each answer, and why it changed."""

    stats: Stats
    seconds: float
    limits: list[int]
    history: tuple[LimitChange, ...]

    @property
    def settled(self) -> float:
        """The mean limit in the second half."""
        return fmean(self.limits[len(self.limits) // 2 :])


def evaluate(
    lengths: Sequence[int],
    *,
    slots: int = 1000,
    shared: float = 0.0,
    concurrency: int = 64,
    fixed: bool = False,
) -> Trace:
    """Ask a `Backend` for answers, in time in which computing takes none; if wished at a fixed limit."""
    loop = SimulatedLoop()
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=lambda: loop) as runner:
        patch.setattr(limit, "monotonic", loop.time)
        patch.setattr(limit, "process_time", lambda: 0.0)
        patch.setattr(engine, "monotonic", loop.time)
        if fixed:
            patch.setattr(limit, "START", concurrency)
            patch.setattr(limit, "LEAST", concurrency)
        return runner.run(_evaluate(Backend(lengths, slots=slots, shared=shared), concurrency))


async def _evaluate(backend: Backend, concurrency: int) -> Trace:
    loop = asyncio.get_running_loop()
    began = loop.time()
    used = Engine(backend, checkpoint=CHECKPOINT, concurrency=concurrency, timeout=1e6)
    sampling = Sampling(max_tokens=TOKENS)
    calls = [Call(prompt=str(number), sampling=sampling) for number in range(len(backend.lengths))]
    limits = [used.limit.current async for _ in used.complete_all(calls)]
    seconds = loop.time() - began
    return Trace(used.stats, seconds, limits, used.limit.lately(seconds))
