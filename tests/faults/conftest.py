"""An endpoint that misbehaves, an empty response log, and the scores without any fault."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest

from assay.store.responses import ResponseLog
from harnesses.engine import engine, patience
from tests.endpoint import Endpoint, Fault, served
from tests.faults.client import Outcome, evaluate
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with served(Endpoint(latency=0.01)) as running:
        yield running


@pytest.fixture
async def log(assay_home: object) -> AsyncIterator[ResponseLog]:
    opened = ResponseLog.open()
    yield opened
    await opened.aclose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice a hanging request, and ask again, within a fraction of a second."""
    monkeypatch.setattr(engine, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(patience, "LEAST", 0.15)
    monkeypatch.setattr(patience, "FACTOR", 2.0)
    monkeypatch.setattr(patience, "LOOK_EVERY", 0.02)


def sometimes(rate: float, fault: Fault) -> Fault:
    """Let a share of the requests meet a fault, by chance with a fixed seed."""
    chance = Random(7)
    return lambda number: fault(number) if chance.random() < rate else None


@pytest.fixture
async def expected(tmp_path: Path) -> Outcome:
    """What the questions score where nothing fails."""
    log = ResponseLog.open(f"sqlite:///{tmp_path / 'well.db'}")
    async with served(Endpoint()) as well:
        found = await evaluate(well.url, log=log)
    await log.aclose()
    return found


async def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
