"""The process that checks batches: started when first needed, kept warm, gone when idle.

A request is one line of JSON, a `Batch`; the answer is one line, a list of `Violation`.
"""

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock

from assay.errors import StoreError
from assay.home import home

PATIENCE = 120.0
STOP = b"stop"
LONGEST_PATH = 100
"""A socket's path must be short; that of a long ASSAY_HOME lies in the folder for temporary files."""


def address() -> Path:
    """Return the path of the socket."""
    path = Path(home()) / "run" / "contracts.sock"
    if len(str(path)) > LONGEST_PATH:
        name = hashlib.blake2b(str(path).encode(), digest_size=8).hexdigest()
        path = Path(tempfile.gettempdir()) / f"assay-{os.getuid()}-{name}" / "contracts.sock"
    return path


def start() -> None:
    """Start the process unless it runs; returns at once."""
    where = address()
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(where.with_suffix(".lock")):
        if _connected(where) is not None or _starting(where):
            return
        with suppress(FileNotFoundError):
            where.unlink()
        with where.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
                [sys.executable, "-m", "assay.store.contract.server", str(where)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        where.with_suffix(".pid").write_text(str(process.pid))


def ask(request: bytes) -> list[dict[str, Any]]:
    """Have a batch checked, waiting until the process is ready; raises StoreError."""
    start()
    where, deadline = address(), time.monotonic() + PATIENCE
    while (connection := _connected(where)) is None:
        if time.monotonic() > deadline or not _starting(where):
            log = where.with_suffix(".log")
            said = log.read_text(errors="replace").strip().rpartition("\n")[2] if log.exists() else ""
            raise StoreError(
                f"The process that checks records did not start: {said}", remedy=f"Its log is {log}."
            )
        time.sleep(0.05)
    with connection, connection.makefile("rwb") as stream:
        stream.write(request + b"\n")
        stream.flush()
        answer = stream.readline()
    if not answer:
        raise StoreError("The process that checks records broke off.", remedy="Run the same command again.")
    found = orjson.loads(answer)
    if isinstance(found, dict):
        raise StoreError(f"Records could not be checked: {found['error']}")
    violations: list[dict[str, Any]] = found
    return violations


def stop() -> bool:
    """End the process; says whether one ran."""
    connection = _connected(address())
    if connection is None:
        return False
    with connection, suppress(OSError):
        connection.sendall(STOP + b"\n")
        connection.recv(1)
    while (still := _connected(address())) is not None:
        still.close()
        time.sleep(0.05)
    return True


def _connected(where: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(where))
    except OSError:
        connection.close()
        return None
    return connection


def _starting(where: Path) -> bool:
    """Say whether the process that was started last still lives."""
    try:
        pid = int(where.with_suffix(".pid").read_text())
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0]:
                return False
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True
