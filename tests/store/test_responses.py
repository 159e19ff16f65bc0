"""The response log: what was appended is there, whoever writes at the same time."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.errors import StoreError, StoreUnavailable
from assay.store import engines
from assay.store.responses import ResponseLog, default_url

pytestmark = pytest.mark.anyio
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
async def log(url: str) -> AsyncIterator[ResponseLog]:
    opened = ResponseLog.open(url)
    yield opened
    await opened.aclose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "responses.db"


async def test_what_was_appended_is_found_and_the_rest_is_not(log: ResponseLog) -> None:
    await log.append("key", b"\x00body")
    assert await log.find(["key", "other"]) == {"key": b"\x00body"}
    assert await log.find([]) == {}


async def test_a_response_that_is_there_is_left_as_it_is(log: ResponseLog) -> None:
    await log.append("key", b"first")
    await log.append_all({"key": b"second", "new": b"third"})
    assert await log.find(["key", "new"]) == {"key": b"first", "new": b"third"}


async def test_what_was_awaited_is_on_disk_for_others(file: Path) -> None:
    log = ResponseLog.open(f"sqlite:///{file}")
    await log.append("key", b"body")
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT key, body FROM response").fetchall() == [("key", b"body")]
    await log.aclose()


async def test_many_coroutines_share_few_commits(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    write = ResponseLog._write

    def counted(log: ResponseLog, batch: list[object]) -> None:
        commits.append(len(batch))
        write(log, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(ResponseLog, "_write", counted)
    log = ResponseLog.open(url)
    bodies = {f"key-{i}": str(i).encode() for i in range(2500)}
    await asyncio.gather(*(log.append(key, body) for key, body in bodies.items()))
    assert await log.find(list(bodies)) == bodies
    assert sum(commits) == 2500
    assert max(commits) <= 1000
    assert len(commits) < 100
    await log.aclose()


WRITER = """
import asyncio, sys
from assay.store.responses import ResponseLog

async def write(url, name):
    log = ResponseLog.open(url)
    await asyncio.gather(*(log.append(f"{name}-{i}", name.encode()) for i in range(200)))
    await asyncio.gather(*(log.append(f"shared-{i}", b"same") for i in range(50)))
    await log.aclose()

asyncio.run(write(*sys.argv[1:]))
"""


async def test_several_processes_write_at_once_and_nothing_is_lost(url: str) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, name], stderr=subprocess.PIPE, text=True)
        for name in ("a", "b", "c")
    ]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    log = ResponseLog.open(url)
    assert log.stats().responses == 3 * 200 + 50
    await log.aclose()


async def test_a_locked_database_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.01)
    log = ResponseLog.open(f"sqlite:///{file}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = threading.Event()
    write = log._write

    def noticed(batch: list[object]) -> None:
        try:
            write(batch)  # type: ignore[arg-type]
        except StoreUnavailable:
            refused.set()
            raise

    log._writer._write = log._writer._write.retry.wraps(noticed)  # type: ignore[attr-defined]
    appending = asyncio.create_task(log.append("key", b"body"))
    assert await asyncio.to_thread(refused.wait, 20)
    assert not appending.done()
    other.execute("COMMIT")
    await asyncio.wait_for(appending, 20)
    assert await log.find(["key"]) == {"key": b"body"}
    other.close()
    await log.aclose()


async def test_a_database_locked_for_too_long_is_told_and_the_log_lives_on(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.01)
    log = ResponseLog.open(f"sqlite:///{file}", patience=0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match=r"Another process keeps .*responses\.db locked"):
        await log.append("lost", b"body")
    other.execute("ROLLBACK")
    other.close()
    await log.append("kept", b"body")
    assert await log.find(["lost", "kept"]) == {"kept": b"body"}
    await log.aclose()


async def test_a_closed_log_refuses_and_has_written_what_waited(file: Path) -> None:
    log = ResponseLog.open(f"sqlite:///{file}")
    waiting = [asyncio.create_task(log.append(f"key-{i}", b"body")) for i in range(50)]
    await asyncio.sleep(0)
    await log.aclose()
    await asyncio.gather(*waiting)
    with pytest.raises(StoreError, match="closed"):
        await log.append("late", b"body")
    again = ResponseLog.open(f"sqlite:///{file}")
    assert again.stats().responses == 50
    await again.aclose()


async def test_stats_count_responses_and_their_bytes(log: ResponseLog) -> None:
    empty = log.stats()
    assert (empty.responses, empty.bytes, empty.oldest) == (0, 0, None)
    await log.append_all({"a": b"12345", "b": b"678"})
    stats = log.stats()
    assert (stats.responses, stats.bytes) == (2, 8)
    assert stats.oldest is not None
    assert stats.oldest.tzinfo is not None


async def test_pruning_removes_what_arrived_before(log: ResponseLog) -> None:
    await log.append_all({f"key-{i}": b"body" for i in range(10)})
    assert log.prune(before=LATER - timedelta(days=2)) == 0
    assert log.prune(before=LATER) == 10
    assert await log.find(["key-1"]) == {}
    await log.append("key-1", b"again")
    assert await log.find(["key-1"]) == {"key-1": b"again"}


async def test_pruning_a_sqlite_log_gives_its_space_back(file: Path) -> None:
    log = ResponseLog.open(f"sqlite:///{file}")
    await log.append_all({f"key-{i}": bytes(10_000) for i in range(200)})
    log.prune(before=LATER)
    assert file.stat().st_size < 200_000
    await log.aclose()


async def test_the_log_lies_beside_a_sqlite_store_or_in_the_database(
    assay_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert default_url() == f"sqlite:///{assay_home / 'responses.db'}"
    monkeypatch.setenv("ASSAY_DB_URL", "postgresql://host/evaluations")
    assert default_url() == "postgresql://host/evaluations"
