"""Database errors as one sentence with a remedy, without user or password."""

import sqlite3
from typing import TYPE_CHECKING, cast

from sqlalchemy import URL
from sqlalchemy.engine import ExceptionContext

from assay.disk import FREE_SPACE, WRITABLE
from assay.errors import InvalidRecords, StoreError, StoreUnavailable

if TYPE_CHECKING:
    import psycopg

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
OTHER_TABLES = ("no such column", "has no column named", "no such table", "duplicate column name")
PASSING = ("08", "40", "53", "55", "57")
"""SQLSTATE classes of lost connections, deadlocks, full servers, locks and shutdowns."""


def location(url: URL) -> str:
    """Name of a database, without its user, password and options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or 'localhost'}{port}/{url.database}"


def explain(context: ExceptionContext, url: URL) -> StoreError | None:
    """Explain a database error; None for an error that is not the database's."""
    error = context.original_exception
    if isinstance(error, sqlite3.Error):
        return explain_sqlite(error, url)
    # The driver in use tells: importing psycopg would cost a store on SQLite a quarter of a second.
    driver = context.dialect.loaded_dbapi
    if isinstance(error, driver.Error):
        silent = isinstance(error, driver.OperationalError) and not error.sqlstate
        return _explain_postgres(cast("psycopg.Error", error), url, lost=context.is_disconnect or silent)
    return None


def explain_sqlite(error: sqlite3.Error, url: URL) -> StoreError:
    """Explain an error of SQLite."""
    code, where = getattr(error, "sqlite_errorcode", 0) & 0xFF, location(url)
    if code == sqlite3.SQLITE_CONSTRAINT:
        return InvalidRecords(f"The store refused a batch of records and kept none of it ({error}).")
    if code in BUSY:
        return StoreUnavailable(
            f"Another process keeps {where} locked.", remedy="Wait for it to end, or stop it, and try again."
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"The disk is full, so {where} could not be written.", remedy=FREE_SPACE)
    if code in UNWRITABLE:
        return StoreError(f"The file {where} cannot be opened for writing ({error}).", remedy=WRITABLE)
    if code in DAMAGED:
        return StoreError(
            f"The file {where} is damaged or not a database ({error}).",
            remedy="Put a copy in its place, or move it away to begin a new one.",
        )
    foreign = code == sqlite3.SQLITE_ERROR and any(words in str(error) for words in OTHER_TABLES)
    unknown = StoreError(f"The database {where} failed ({error}).", remedy="Check the disk that it lies on.")
    return _other_tables(where, str(error)) if foreign else unknown


def _explain_postgres(error: "psycopg.Error", url: URL, *, lost: bool) -> StoreError:
    state, where = error.sqlstate or "", location(url)
    message = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
    if state.startswith("23"):
        return InvalidRecords(f"The store refused a batch of records and kept none of it ({message}).")
    if state == "53100":
        return StoreError(
            f"The disk of {where} is full ({message}).", remedy="Free some space on the server."
        )
    if state in {"42703", "42P01", "42701"}:
        return _other_tables(where, message)
    if lost or state[:2] in PASSING:
        return StoreUnavailable(
            f"The database {where} cannot be reached ({message}).",
            remedy="Check that it runs and that ASSAY_DB_URL names it, and try again.",
        )
    return StoreError(
        f"The database {where} refused ({message}).", remedy="Check ASSAY_DB_URL and the rights of its user."
    )


def _other_tables(where: str, message: str) -> StoreError:
    return StoreError(
        f"The tables of {where} differ from those that this Assay makes ({message}).",
        remedy="Move them away to begin new ones, or set ASSAY_HOME or ASSAY_DB_URL to another store.",
    )
