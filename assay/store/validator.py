"""The process that checks batches: started when first needed, kept warm, gone when idle.

A request is one line of JSON, a `Batch`; the answer is one line, a list of `Violation`.
"""

import hashlib
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock

from assay.errors import StoreError
from assay.home import home

IDLE = 1800.0
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
                [sys.executable, "-m", "assay.store.validator", str(where)],
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


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        from assay.store.contracts import Batch  # noqa: PLC0415 - loaded by the process alone
        from assay.store.expectations import check  # noqa: PLC0415

        assert isinstance(self.server, _Server)
        self.server.used = time.monotonic()
        request = self.rfile.readline().strip()
        if not request:
            return
        if request == STOP:
            threading.Thread(target=self.server.shutdown).start()
            return
        try:
            answer: object = [v.model_dump() for v in check(Batch.model_validate_json(request))]
        except Exception as error:  # noqa: BLE001 - the process's border: whoever asked is told
            answer = {"error": f"{type(error).__name__}: {error}"}
        self.wfile.write(orjson.dumps(answer) + b"\n")


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    used = time.monotonic()

    def service_actions(self) -> None:
        if time.monotonic() - self.used > IDLE:
            threading.Thread(target=self.shutdown).start()


def serve(where: Path) -> None:
    """Load the library, then answer until idle or told to end."""
    import assay.store.expectations  # noqa: F401, PLC0415

    with _Server(str(where), _Handler) as server:
        server.serve_forever()
    for suffix in (".sock", ".pid"):
        with suppress(FileNotFoundError):
            where.with_suffix(suffix).unlink()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
