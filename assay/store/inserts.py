"""Inserts that may be repeated."""

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite


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
