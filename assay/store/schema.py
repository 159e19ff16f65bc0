"""The version of the tables, and the upgrade of older databases."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, NullPool, column, func, inspect, select, table

from assay.disk import WRITABLE
from assay.errors import StoreError, StoreUnavailable
from assay.home import home
from assay.private import make_file, make_folder
from assay.store.engines import is_sqlite, make_engine, writing
from assay.store.failures import location

HEAD = "0003"
"""The newest migration; stated here so that a current database is opened without alembic."""
VERSION = table("alembic_version", column("version_num"))
SCRIPTS = Path(__file__).parent / "migrations"
LOCK_SECONDS = 120
ADVISORY_LOCK = 0x455A55A4
"""An arbitrary number that nothing else on the PostgreSQL server locks."""


def connect(address: URL, *, durable: bool = False) -> Engine:
    """Open a database with its tables up to date; raises StoreError.

    With `durable`, a commit to SQLite waits for the disk and so outlives a power failure; without, it
    outlives the process only. PostgreSQL always waits.
    """
    if address.get_backend_name() == "sqlite":
        _make_file(Path(str(address.database)))
    engine = make_engine(
        address, pragmas=("foreign_keys=ON", f"synchronous={'FULL' if durable else 'NORMAL'}")
    )
    try:
        if not is_current(engine):
            migrate(address)
    except StoreError:
        engine.dispose()
        raise
    return engine


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version of Assay."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION.name):
            return False
        return connection.scalar(select(VERSION.c.version_num)) == HEAD


def migrate(address: URL) -> None:
    """Bring the tables up to date, one process at a time; raises StoreError for tables newer than we are."""
    # SQLite changes a table by copying and dropping it, and with foreign keys on, dropping a table
    # deletes the rows that refer to it.
    engine = make_engine(address, pragmas=("foreign_keys=OFF", "synchronous=FULL"), pool=NullPool)
    with _exclusively(engine), writing(engine).begin() as connection:
        if not is_sqlite(engine):
            connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
        upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, inside the connection's transaction."""
    # Imported here because alembic takes longer to import than an up-to-date database to open.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"The tables of {location(connection.engine.url)} were made by a newer Assay ({error}).",
            remedy="Upgrade Assay, or set ASSAY_HOME or ASSAY_DB_URL to another store.",
        ) from error


@contextmanager
def _exclusively(engine: Engine) -> Iterator[None]:
    """Keep other processes from preparing the same SQLite file, and turn on its write-ahead log."""
    if not is_sqlite(engine):
        yield
        return
    file = location(engine.url)
    try:
        with FileLock(f"{file}.lock", timeout=LOCK_SECONDS):
            with engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            yield
    except Timeout as error:
        raise StoreUnavailable(
            f"Another process has been preparing {file} for {LOCK_SECONDS} s.",
            remedy="Stop it and try again.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"The folder of {file} cannot be written ({error.strerror}).", remedy=WRITABLE
        ) from error


def _make_file(file: Path) -> None:
    """Make the file of a database, which only its owner may read, before SQLite makes one for all."""
    folder = file.parent
    try:
        if folder == home():
            make_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} cannot be created ({error.strerror}).", remedy=WRITABLE
        ) from error
    # What is wrong with the file itself is told by whoever opens it.
    with suppress(OSError):
        make_file(file)
