import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from assay.cli.cache import prune, stats
from assay.store.responses import ResponseLog
from assay.store.tables import RESPONSE


def fill(*keys: str, days: int = 0) -> None:
    """Keep answers that are so many days old."""
    log = ResponseLog.open()
    asyncio.run(log.append_all(dict.fromkeys(keys, b"12345")))
    with log._engine.begin() as connection:
        arrived = datetime.now(UTC) - timedelta(days=days)
        connection.execute(update(RESPONSE).where(RESPONSE.c.key.in_(keys)).values(created=arrived))
    asyncio.run(log.aclose())


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_stats_of_an_empty_log_name_no_dates(assay_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stats(json=True)
    place = str(assay_home / "responses.db")
    assert told(capsys) == {"place": place, "responses": 0, "bytes": 0, "oldest": None, "newest": None}


def test_stats_count_answers_and_their_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    fill("a", "b")
    fill("c", days=3)
    stats(json=True)
    found = told(capsys)
    assert (found["responses"], found["bytes"]) == (3, 15)
    assert str(found["oldest"]) < str(found["newest"])
    stats(json=False)
    assert "3 answers" in capsys.readouterr().out


def test_pruning_removes_the_old_ones_alone(capsys: pytest.CaptureFixture[str]) -> None:
    fill("new")
    fill("old", "older", days=100)
    prune(json=True)
    assert told(capsys) == {"removed": 2}
    prune(json=False)
    assert "Removed 0 answers" in capsys.readouterr().out
    log = ResponseLog.open()
    assert asyncio.run(log.find(["new", "old"])) == {"new": b"12345"}
    asyncio.run(log.aclose())
