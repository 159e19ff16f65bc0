"""A PostgreSQL server where one can be started: one for each folder of tests that imports it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

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
            _start(pg_ctl, folder)
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


def restart(folder: Path, *, seconds: float) -> None:
    """Stop a server as if it had crashed, and start it again after a while."""
    pg_ctl, data = _program("pg_ctl"), str(folder / "data")
    assert pg_ctl is not None
    _run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop", folder=folder)
    time.sleep(seconds)
    _start(pg_ctl, folder)


def _start(pg_ctl: str, folder: Path) -> None:
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    where = ("-D", str(folder / "data"), "-l", str(folder / "log"))
    _run(pg_ctl, *where, "-o", options, "-w", "start", folder=folder)
