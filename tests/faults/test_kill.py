"""A process that is killed loses at most what was in flight; several share one log."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from assay.store.responses import ResponseLog
from tests.endpoint import Endpoint
from tests.faults.client import CONCURRENCY, QUESTIONS
from tests.faults.conftest import until

pytestmark = pytest.mark.anyio


def client(endpoint: Endpoint, database: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.client", endpoint.url, database],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


async def told(running: subprocess.Popen[str]) -> str:
    out, err = await asyncio.to_thread(running.communicate, timeout=120)
    assert running.returncode == 0, err
    return out


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
async def test_a_killed_process_repeats_at_most_what_was_in_flight(
    endpoint: Endpoint, tmp_path: Path, share: float
) -> None:
    database = f"sqlite:///{tmp_path / 'log.db'}"
    endpoint.latency = 0.03
    killed = client(endpoint, database)
    await until(lambda: endpoint.answered >= share * QUESTIONS)
    killed.kill()
    await asyncio.to_thread(killed.communicate)
    assert len(endpoint.seen) < QUESTIONS
    assert (await told(client(endpoint, database))).startswith(f"{QUESTIONS} ")
    assert endpoint.repeats <= CONCURRENCY


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_several_processes_share_one_log(
    endpoint: Endpoint, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    database = f"sqlite:///{tmp_path / 'log.db'}"
    if kind == "postgres":
        database = request.getfixturevalue("postgres_url")
    said = await asyncio.gather(*(told(client(endpoint, database)) for _ in range(3)))
    assert len(set(said)) == 1
    assert said[0].startswith(f"{QUESTIONS} ")
    before = len(endpoint.bodies)
    assert await told(client(endpoint, database)) == said[0]
    assert len(endpoint.bodies) == before
    log = ResponseLog.open(database)
    assert log.stats().responses == QUESTIONS
    await log.aclose()
