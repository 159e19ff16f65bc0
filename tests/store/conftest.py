"""Stores to test with: SQLite always, PostgreSQL where a server can be started."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.store.store import Store
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, in each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store' / 'assay.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened
