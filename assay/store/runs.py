"""Runs: begun, updated, and found by the names that people use."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Select, case, delete, func, select

from assay.errors import BadSpec, UnknownName
from assay.records import Counts, Run
from assay.store.inserts import insert_missing
from assay.store.tables import RUN

PREFIX = 4
"""Fewest characters that may stand for the id of a run."""
SUGGESTED = 1000
FIELDS = [RUN.c[name] for name in Run.model_fields if name in RUN.c] + [
    RUN.c[name] for name in Counts.model_fields
]
COMPLETED_FIRST = case((RUN.c.status == "completed", 0), else_=1)
NEWEST_FIRST = (RUN.c.started.desc(), RUN.c.id)


class AtStep(NamedTuple):
    """A completed run at a step of a training run, and what must agree for two of them to be compared."""

    id: str
    step: int
    task_fingerprint: str
    harness_fingerprint: str
    limit: int | None


class CheckpointTask(NamedTuple):
    """A checkpoint and a task of which the store has a run."""

    checkpoint: str
    training_run: str | None
    step: int | None
    task: str
    completed: bool


def begin(connection: Connection, run: Run, *, identity: str) -> Run:
    """Insert a run, or take over the row of this identity; returns the run with its id in the store."""
    connection.execute(
        insert_missing(connection, RUN, unless="identity"), {"identity": identity, **_row(run)}
    )
    known = connection.scalars(select(RUN.c.id).where(RUN.c.identity == identity)).one()
    if known == run.id:
        return run
    taken_over = run.model_copy(update={"id": known})
    update(connection, taken_over)
    return taken_over


def update(connection: Connection, run: Run) -> None:
    """Replace everything of a run but its identity; raises UnknownName."""
    changed = connection.execute(sa.update(RUN).where(RUN.c.id == run.id).values(_row(run)))
    if not changed.rowcount:
        raise _unknown(connection, run.id)


def remove(connection: Connection, run_id: str) -> None:
    """Delete a run and, by the foreign keys, what belongs to it; raises UnknownName."""
    if not connection.execute(delete(RUN).where(RUN.c.id == run_id)).rowcount:
        raise _unknown(connection, run_id)


def exists(connection: Connection, run_id: str) -> bool:
    """Whether there is a run of exactly this id."""
    return connection.execute(select(RUN.c.id).where(RUN.c.id == run_id)).first() is not None


def find(connection: Connection, ref: str) -> Run:
    """Find a run by id, the beginning of an id, or checkpoint and task."""
    query = _columns().order_by(COMPLETED_FIRST, *NEWEST_FIRST)
    if row := connection.execute(query.where(RUN.c.id == ref)).first():
        return _run(row)
    if len(ref) >= PREFIX and (row := _by_prefix(connection, ref)):
        return _run(row)
    for separator in "@ ":
        checkpoint, separated, task = ref.rpartition(separator)
        by_name = query.where(RUN.c.checkpoint_name == checkpoint.strip(), RUN.c.task == task.strip())
        if separated and (row := connection.execute(by_name.limit(1)).first()):
            return _run(row)
    raise _unknown(connection, ref)


def newest(
    connection: Connection,
    *,
    task: str | None,
    checkpoint: str | None,
    training_run: str | None,
    step: int | None,
    status: str | None,
    since: datetime | None,
    limit: int,
) -> list[Run]:
    """List runs, newest first."""
    query = _columns().order_by(*NEWEST_FIRST).limit(limit)
    for column, value in (
        (RUN.c.task, task),
        (RUN.c.checkpoint_name, checkpoint),
        (RUN.c.training_run, training_run),
        (RUN.c.step, step),
        (RUN.c.status, status),
    ):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(RUN.c.started >= since)
    return [_run(row) for row in connection.execute(query)]


def checkpoint_tasks(connection: Connection) -> list[CheckpointTask]:
    """List every checkpoint and task of which there is a run, those of the newest runs first."""
    keys = (RUN.c.checkpoint_name, RUN.c.training_run, RUN.c.step, RUN.c.task)
    query = (
        select(*keys, func.min(COMPLETED_FIRST) == 0)
        .group_by(*keys)
        .order_by(func.max(RUN.c.started).desc(), *keys)
    )
    return [
        CheckpointTask(row[0], row[1], row[2], row[3], completed=bool(row[4]))
        for row in connection.execute(query)
    ]


def at_steps(
    connection: Connection, training_run: str, *, task_fingerprints: Collection[str]
) -> list[AtStep]:
    """List the completed runs of these tasks over the steps of a training run, newest first."""
    query = (
        select(*(RUN.c[name] for name in AtStep._fields))
        .where(
            RUN.c.task_fingerprint.in_(task_fingerprints),
            RUN.c.training_run == training_run,
            RUN.c.step.is_not(None),
            RUN.c.status == "completed",
        )
        .order_by(*NEWEST_FIRST)
    )
    return [AtStep(*row) for row in connection.execute(query)]


def _columns() -> Select[Any]:
    return select(*FIELDS)


def _by_prefix(connection: Connection, ref: str) -> Row[Any] | None:
    query = _columns().where(func.substr(RUN.c.id, 1, len(ref)) == ref).order_by(RUN.c.id)
    rows = connection.execute(query).all()
    if len(rows) > 1:
        raise BadSpec(
            f"{len(rows)} runs begin with {ref!r}",
            ids=[row.id for row in rows],
            remedy="Give more of the id.",
        )
    return rows[0] if rows else None


def _unknown(connection: Connection, ref: str) -> UnknownName:
    query = select(RUN.c.id, RUN.c.checkpoint_name, RUN.c.task).order_by(*NEWEST_FIRST).limit(SUGGESTED)
    rows = connection.execute(query).all()
    known = {name for id_, checkpoint, task in rows for name in (id_, f"{checkpoint}@{task}")}
    return UnknownName("run", ref, known, lister="assay runs")


def _row(run: Run) -> dict[str, object]:
    return {
        **{name: value for name, value in dict(run).items() if name != "counts"},
        **dict(run.counts),
        "checkpoint_name": run.checkpoint.name,
        "checkpoint_fingerprint": run.checkpoint.fingerprint,
        "training_run": run.checkpoint.training_run,
        "step": run.checkpoint.step,
    }


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    counts = Counts(**{name: values.pop(name) for name in Counts.model_fields})
    return Run(**values, counts=counts)
