"""The response log: every response as it arrived, so that nothing finished is asked twice.

Appending is a group commit: one thread writes everything that waits in one transaction, so that a response
costs microseconds and the disk is awaited once for many.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

from sqlalchemy import Engine, delete, func, select

from assay.batching import batched
from assay.home import database_url, home
from assay.store.engines import is_sqlite, parse, writing
from assay.store.failures import location
from assay.store.inserts import insert_missing
from assay.store.outage import PATIENCE, outlasting
from assay.store.schema import connect
from assay.store.tables import RESPONSE
from assay.store.writer import Appended, GroupWriter

KEYS = 500
"""Keys in one query."""
FIELDS = (RESPONSE.c.key, RESPONSE.c.body)


class LogStats(NamedTuple):
    """Size and location of the response log."""

    place: str
    responses: int
    bytes: int
    """Size of the responses alone, without what the database adds."""
    oldest: datetime | None
    newest: datetime | None


class ResponseLog:
    """Finds and appends responses, from any number of event loops and processes."""

    def __init__(self, engine: Engine, *, patience: float = PATIENCE) -> None:
        self._engine = engine
        self._writing = writing(engine)
        self._insert = insert_missing(engine, RESPONSE)
        self._writer = GroupWriter(self._write, patience=patience)
        self._find_patiently = outlasting(self._find, seconds=patience)

    @classmethod
    def open(cls, url: str | None = None, *, patience: float = PATIENCE) -> Self:
        """Open the log, by default `responses.db` under `ASSAY_HOME`, or the store's PostgreSQL database.

        Where the database is locked or lost, calls are retried for `patience` seconds.
        """
        return cls(connect(parse(url or default_url()), durable=True), patience=patience)

    async def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the stored responses among these keys; raises StoreError."""
        if not keys:
            return {}
        return await asyncio.to_thread(self._find_patiently, keys)

    async def append(self, key: str, body: bytes) -> None:
        """Return once the response is on disk; raises StoreError where that cannot be done.

        A response that is already stored stays as it is.
        """
        await self.append_all({key: body})

    async def append_all(self, bodies: Mapping[str, bytes]) -> None:
        """Return once all of these are on disk; raises StoreError where that cannot be done."""
        waiter = asyncio.get_running_loop().create_future()
        self._writer.put(Appended(bodies, waiter))
        await waiter

    async def aclose(self) -> None:
        """Write everything that waits, and close all connections."""
        await asyncio.to_thread(self._writer.close)
        self._engine.dispose()

    def stats(self) -> LogStats:
        """Count the responses and their bytes."""
        size = func.coalesce(func.sum(func.length(RESPONSE.c.body)), 0)
        query = select(func.count(), size, func.min(RESPONSE.c.created), func.max(RESPONSE.c.created))
        with self._engine.connect() as connection:
            count, used, oldest, newest = connection.execute(query.select_from(RESPONSE)).one()
        return LogStats(location(self._engine.url), count, used, oldest, newest)

    def prune(self, *, before: datetime) -> int:
        """Delete responses older than a moment and free their space; returns how many."""
        with self._writing.begin() as connection:
            removed = connection.execute(delete(RESPONSE).where(RESPONSE.c.created < before)).rowcount
        if removed and is_sqlite(self._engine):
            with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return removed

    def _find(self, keys: Sequence[str]) -> dict[str, bytes]:
        bodies: dict[str, bytes] = {}
        with self._engine.connect() as connection:
            for batch in batched(keys, size=KEYS):
                rows = connection.execute(select(*FIELDS).where(RESPONSE.c.key.in_(batch)))
                bodies.update((key, bytes(body)) for key, body in rows)
        return bodies

    def _write(self, batch: Sequence[Appended]) -> None:
        created = datetime.now(UTC)
        rows = [
            {"key": key, "body": body, "created": created}
            for item in batch
            for key, body in item.bodies.items()
        ]
        with self._writing.begin() as connection:
            connection.execute(self._insert, rows)


def default_url() -> str:
    """Address of the log: a file beside a SQLite store, else the store's own database."""
    url = database_url()
    local = parse(url).get_backend_name() == "sqlite"
    return f"sqlite:///{Path(home()) / 'responses.db'}" if local else url
