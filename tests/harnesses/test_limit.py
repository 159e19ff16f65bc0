"""The limit finds what a backend takes: in simulated time, and at the tests' endpoint."""

import asyncio
from random import Random
from typing import Any

import pytest
from aiohttp import web

from assay.records import Call, Checkpoint
from harnesses.engine.engine import Engine
from harnesses.engine.limit import CHANGES, PAUSE, Limit
from harnesses.providers.catalog import open_provider
from tests.endpoint import Endpoint, served
from tests.simulated import Trace, evaluate

BURST = [1000 if 1000 <= n < 1400 or n > 2500 else 20 for n in range(3000)]
"""Answers that are short, then fifty times as long, and short again."""


def lengths(count: int, *, spread: float, seed: int = 1) -> list[int]:
    """Lengths of 150 tokens on average, lognormal."""
    chance = Random(seed)
    return [max(1, round(150 * chance.lognormvariate(-(spread**2) / 2, spread))) for _ in range(count)]


def speed(lengths: list[int], found: Trace, **backend: float) -> float:
    """The share of the speed with all 64 in flight that was reached."""
    return evaluate(lengths, fixed=True, **backend).seconds / found.seconds


def reasons(found: Trace) -> set[str]:
    return {change.reason for change in found.history}


def test_a_backend_that_takes_all_is_given_all() -> None:
    found = evaluate([100] * 3000)
    assert found.limits[300:] == [64] * 2700
    assert reasons(found) == {"began", "grew"}


@pytest.mark.parametrize(("shared", "spread"), [(0.0, 1.5), (0.02, 0.5), (0.1, 1.0)])
def test_a_backend_that_gets_more_done_with_more_is_given_all(shared: float, spread: float) -> None:
    asked = lengths(3000, spread=spread, seed=2)
    found = evaluate(asked, shared=shared)
    assert found.settled > 50
    assert speed(asked, found, shared=shared) > 0.95


@pytest.mark.parametrize("slots", [4, 8, 16])
@pytest.mark.parametrize("spread", [0.1, 0.5])
def test_a_backend_with_few_slots_gets_no_long_queue(slots: int, spread: float) -> None:
    asked = lengths(4000, spread=spread)
    found = evaluate(asked, slots=slots)
    assert slots <= found.settled <= 3 * slots
    assert speed(asked, found, slots=slots) > 0.95


@pytest.mark.parametrize("shared", [0.0, 0.02])
def test_a_burst_of_long_answers_is_not_taken_for_a_slow_backend(shared: float) -> None:
    found = evaluate(BURST, shared=shared)
    assert reasons(found) <= {"began", "grew", "slow", "restored"}
    assert found.settled > 50
    assert speed(BURST, found, shared=shared) > 0.92


def test_more_in_flight_than_ever_needed_is_allowed_and_not_used() -> None:
    found = evaluate(lengths(5000, spread=0.5), slots=8, concurrency=512)
    assert max(found.limits) < 512
    assert found.limits[-1] <= 24


def test_a_history_is_that_of_the_time_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("harnesses.engine.limit.monotonic", lambda: now)
    limit = Limit(64)
    for _ in range(3):
        now += 10.0
        limit.overloaded("429")
    now = 135.0
    assert [(one.seconds, one.limit, one.reason) for one in limit.lately(20.0)] == [
        (0.0, 8, "began"), (5.0, 4, "429"), (15.0, 2, "429"),
    ]  # fmt: skip
    assert [one.limit for one in limit.lately(3600.0)] == [16, 8, 4, 2]


def test_a_history_stays_short_and_loses_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("harnesses.engine.limit.monotonic", lambda: now)
    limit = Limit(64)
    for _ in range(1000):
        now += 2 * PAUSE
        limit.overloaded("timeout")
        limit.in_flight = limit.current
        for _ in range(2 * limit.current):
            limit.well(in_flight=1.0, seconds=0.1, work=10.0)
    history = limit.lately(now)
    assert len(history) <= CHANGES
    assert sum(one.times for one in history if one.reason == "timeout") == 1000
    assert [one.seconds for one in history] == sorted(one.seconds for one in history)


def test_answers_fifty_times_as_long_are_waited_for() -> None:
    found = evaluate([20] * 300 + [2000] * 10 + [20] * 300)
    assert found.stats.retried == 0


class Queue(Endpoint):
    """An endpoint that works on so many requests at once; others wait."""

    def __init__(self, slots: int) -> None:
        super().__init__(latency=0.03, keeps=False)
        self._free = asyncio.Semaphore(slots)

    async def _answer(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        async with self._free:
            return await super()._answer(request, body)


@pytest.mark.anyio
@pytest.mark.parametrize(("slots", "most"), [(1000, 16), (2, 8)])
async def test_an_endpoint_is_asked_as_much_as_it_takes(slots: int, most: int) -> None:
    async with served(Queue(slots)) as endpoint:
        provider = open_provider("openai:test-model", {"base_url": endpoint.url, "api": "chat"}).provider
        engine = Engine(provider, checkpoint=Checkpoint(name="x", fingerprint="x"), concurrency=16)
        calls = [Call(prompt=f"Question {number}?") for number in range(250)]
        async for _ in engine.complete_all(calls):
            pass
        await engine.aclose()
    history = engine.limit.lately(60)
    assert min(change.limit for change in history) <= most
    assert ("slow" in {change.reason for change in history}) == (most < 16)
