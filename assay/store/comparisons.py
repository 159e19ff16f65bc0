"""Comparisons, stored as JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import Connection, delete, insert, select

from assay.errors import UnknownName
from assay.store.tables import COMPARISON


def save(connection: Connection, id_: str, a: str, b: str, body: Mapping[str, JsonValue]) -> None:
    """Store a comparison, replacing one with the same id."""
    connection.execute(delete(COMPARISON).where(COMPARISON.c.id == id_))
    row = {"id": id_, "a": a, "b": b, "body": dict(body), "created": datetime.now(UTC)}
    connection.execute(insert(COMPARISON), row)


def read(connection: Connection, id_: str) -> dict[str, JsonValue]:
    """Return a comparison's body; raises UnknownName."""
    body: dict[str, JsonValue] | None = connection.scalar(
        select(COMPARISON.c.body).where(COMPARISON.c.id == id_)
    )
    if body is None:
        raise UnknownName("comparison", id_, connection.scalars(select(COMPARISON.c.id)))
    return body
