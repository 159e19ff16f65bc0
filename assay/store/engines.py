"""Database engines: SQLite by default, PostgreSQL where `ASSAY_DB_URL` names one."""

import sqlite3
from functools import partial

from pydantic_core import from_json, to_json
from sqlalchemy import URL, Connection, Engine, Pool, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from assay.errors import BadSpec
from assay.store.failures import explain

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
PRAGMAS = ("foreign_keys=ON", "synchronous=NORMAL")
DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
EXAMPLES = "Write sqlite:////folder/assay.db or postgresql://user@host/database."


def parse(url: str) -> URL:
    """Parse a database address; raises BadSpec unless it is a lasting SQLite or PostgreSQL database."""
    try:
        address = make_url(url)
        address = address.set(drivername=DRIVERS[address.drivername])
    except (ArgumentError, KeyError, ValueError):
        message = "ASSAY_DB_URL is not the address of a SQLite or PostgreSQL database."
        raise BadSpec(message, remedy=EXAMPLES) from None
    if not address.database or address.database == ":memory:":
        raise BadSpec("ASSAY_DB_URL names no database that lasts.", remedy=EXAMPLES)
    return address


def is_sqlite(engine: Engine | Connection) -> bool:
    """Whether the database is SQLite."""
    return engine.dialect.name == "sqlite"


def make_engine(
    address: URL, *, pragmas: tuple[str, ...] = PRAGMAS, pool: type[Pool] | None = None
) -> Engine:
    """Make an engine without connecting; it raises every database error as a StoreError."""
    local = address.get_backend_name() == "sqlite"
    engine = create_engine(
        address,
        poolclass=pool,
        pool_pre_ping=not local,
        connect_args={"timeout": BUSY_SECONDS} if local else {"connect_timeout": CONNECT_SECONDS},
        json_serializer=_write_json,
        json_deserializer=from_json,
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", partial(_raise_explained, address))
    if local:
        event.listen(engine, "connect", partial(_prepare, pragmas))
        event.listen(engine, "begin", _begin)
    return engine


def writing(engine: Engine) -> Engine:
    """Share an engine's connections for transactions that write.

    SQLite then takes the lock when the transaction begins, where it can wait for it; a transaction that
    has read before it writes could only fail.
    """
    return engine.execution_options(writes=True)


def _write_json(value: object) -> str:
    return to_json(value, inf_nan_mode="strings").decode()


def _raise_explained(address: URL, context: ExceptionContext) -> None:
    if context.is_pre_ping and context.is_disconnect:
        # Lost while idle: the pool opens another connection, and raises only if that fails.
        return
    if explained := explain(context, address):
        raise explained from context.original_exception


def _prepare(pragmas: tuple[str, ...], connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    writes = options.get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
