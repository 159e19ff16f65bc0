"""Stores to test with: SQLite always, PostgreSQL where a server can be started."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from assay.store.store import Store

USER = "postgres"


def _program(name: str) -> str | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, versions)]))


def _unprivileged(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return list(command)
    return ["runuser", "-u", USER, "--", *command]


def _run(*command: str, folder: Path) -> None:
    done = subprocess.run(
        _unprivileged(*command), cwd=folder, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stderr}")


def _absent(why: str) -> None:
    if os.environ.get("REQUIRE_POSTGRES") == "1":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of the socket of a server of our own, without a port."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        _absent("no PostgreSQL server: initdb and pg_ctl were not found")
    elif os.getuid() == 0 and shutil.which("runuser") is None:
        _absent("PostgreSQL refuses to run as root, and there is no runuser")
    else:
        folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        data = str(folder / "data")
        try:
            _run(initdb, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "-N", folder=folder)
            options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
            _run(pg_ctl, "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start", folder=folder)
            try:
                yield folder
            finally:
                _run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop", folder=folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Path) -> str:
    """The address of a fresh, empty database."""
    name = f"assay_{uuid4().hex}"
    with psycopg.connect(host=str(postgres_server), user=USER, dbname=USER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://{USER}@/{name}?host={postgres_server}"


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
