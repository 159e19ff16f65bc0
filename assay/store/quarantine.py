"""Records that did not pass their contract, kept with the reason."""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue
from sqlalchemy import Connection, delete, insert, select

from assay.records import Record
from assay.store.tables import QUARANTINE

Kind = Literal["sample", "score", "batch"]


class Quarantined(Record):
    """One record, or a whole batch, that did not pass its contract."""

    kind: Kind
    question_id: str = ""
    """Empty where the batch as a whole is wrong."""
    reason: str
    record: dict[str, JsonValue]
    """The record that was refused, as JSON."""


def replace(connection: Connection, run_id: str, quarantined: Sequence[Quarantined]) -> None:
    """Replace everything in quarantine for the run."""
    connection.execute(delete(QUARANTINE).where(QUARANTINE.c.run_id == run_id))
    if quarantined:
        rows = [{"run_id": run_id, **dict(record)} for record in quarantined]
        connection.execute(insert(QUARANTINE), rows)


def read(connection: Connection, run_id: str) -> list[Quarantined]:
    """Return the quarantine of the run, in the order of insertion."""
    columns = [QUARANTINE.c[name] for name in Quarantined.model_fields]
    query = select(*columns).where(QUARANTINE.c.run_id == run_id).order_by(QUARANTINE.c.id)
    return [Quarantined(**row._mapping) for row in connection.execute(query)]
