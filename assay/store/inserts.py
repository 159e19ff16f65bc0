"""Inserts that are repeatable and hold few rows in memory."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

ROWS = 2000


def batched(rows: Iterable[T], *, size: int = ROWS) -> Iterator[list[T]]:
    """Yield the rows in lists of `size`, the last one shorter."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch


def insert_missing(
    connection: Connection | Engine, table: Table, *, unless: str | None = None
) -> postgresql.Insert | sqlite.Insert:
    """Build an insert that leaves rows that are there as they are.

    `unless` names the column that decides; without it any unique constraint does.
    """
    columns = None if unless is None else [table.c[unless]]
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=columns)
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=columns)
