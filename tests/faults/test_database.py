"""Whatever happens to the file of the database: no answer lost, nothing ends without a word."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from assay.errors import StoreError
from assay.store import engines
from assay.store.responses import ResponseLog
from tests.endpoint import Endpoint
from tests.faults.client import CONCURRENCY, QUESTIONS, Outcome, evaluate
from tests.faults.conftest import until

pytestmark = pytest.mark.anyio


async def test_a_database_locked_for_seconds_is_waited_for(
    endpoint: Endpoint, tmp_path: Path, expected: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.2)
    log = ResponseLog.open(f"sqlite:///{tmp_path / 'log.db'}")
    running = asyncio.create_task(evaluate(endpoint.url, log=log))
    await until(lambda: endpoint.answered > QUESTIONS / 3)
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None, timeout=20)
    other.execute("BEGIN IMMEDIATE")
    await asyncio.sleep(2.0)
    assert not running.done()
    other.execute("COMMIT")
    other.close()
    assert await running == expected
    assert endpoint.repeats == 0
    await log.aclose()


async def test_a_full_disk_ends_the_run_with_a_sentence_and_a_second_completes(
    endpoint: Endpoint, tmp_path: Path, expected: Outcome
) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    full = ResponseLog.open(url)
    full._engine.dispose()
    pages = 16
    event.listen(full._engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StoreError, match=r"The disk is full.*Free some space"):
        await evaluate(endpoint.url, log=full)
    await full.aclose()
    assert 0 < endpoint.answered < QUESTIONS
    log = ResponseLog.open(url)
    assert endpoint.answered - CONCURRENCY <= log.stats().responses
    assert await evaluate(endpoint.url, log=log) == expected
    assert endpoint.repeats <= CONCURRENCY
    await log.aclose()
