"""The process that checks batches: started when first needed, kept warm, ended when idle.

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
from assay.private import OTHERS, make_folder, own_folder

PATIENCE = 120.0
STOP = b"stop"
LONGEST_PATH = 100
"""Longest path of a socket; that of a longer ASSAY_HOME lies in the folder for temporary files."""


def address() -> Path:
    """Return the path of the socket."""
    path = Path(home()) / "run" / "contracts.sock"
    if len(str(path)) > LONGEST_PATH:
        name = hashlib.blake2b(str(path).encode(), digest_size=8).hexdigest()
        path = Path(tempfile.gettempdir()) / f"assay-{os.getuid()}-{name}" / "contracts.sock"
    return path


def start() -> None:
    """Start the process unless it runs; returns at once. Raises UnsafePath."""
    socket_path = address()
    _make_folder(socket_path.parent)
    with FileLock(socket_path.with_suffix(".lock")):
        if _connected(socket_path) is not None or _starting(socket_path):
            return
        with suppress(FileNotFoundError):
            socket_path.unlink()
        with socket_path.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
                [sys.executable, "-m", "assay.store.contract.server", str(socket_path)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=OTHERS,
            )
        socket_path.with_suffix(".pid").write_text(str(process.pid))


def _make_folder(folder: Path) -> None:
    """Make the socket's folder; outside of the home, where others may be first, it must be ours."""
    if folder.is_relative_to(home()):
        make_folder(folder, top=home())
    else:
        own_folder(folder)


def ask(request: bytes) -> list[dict[str, Any]]:
    """Have a batch checked, waiting until the process is ready; raises StoreError."""
    start()
    socket_path, deadline = address(), time.monotonic() + PATIENCE
    while (connection := _connected(socket_path)) is None:
        if time.monotonic() > deadline or not _starting(socket_path):
            log = socket_path.with_suffix(".log")
            message = log.read_text(errors="replace").strip().rpartition("\n")[2] if log.exists() else ""
            raise StoreError(
                f"The process that checks records did not start: {message}", remedy=f"Its log is {log}."
            )
        time.sleep(0.05)
    with connection, connection.makefile("rwb") as stream:
        stream.write(request + b"\n")
        stream.flush()
        answer = stream.readline()
    if not answer:
        raise StoreError("The process that checks records broke off.", remedy="Run the same command again.")
    reply = orjson.loads(answer)
    if isinstance(reply, dict):
        raise StoreError(f"Records could not be checked: {reply['error']}")
    violations: list[dict[str, Any]] = reply
    return violations


def stop() -> bool:
    """End the process; returns whether one was running."""
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


def _connected(socket_path: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(socket_path))
    except OSError:
        connection.close()
        return None
    return connection


def _starting(socket_path: Path) -> bool:
    """Whether the process that was started last is still alive."""
    try:
        pid = int(socket_path.with_suffix(".pid").read_text())
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0]:
                return False
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True
