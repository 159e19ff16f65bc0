"""The process that checks batches of scores: `python -m assay.store.contract.server SOCKET`.

Importing this module loads Great Expectations, so only the process itself does.
"""

import socketserver
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import orjson

from assay.store.contract.batch import Batch
from assay.store.contract.client import STOP
from assay.store.contract.expectations import check

IDLE = 1800.0
"""Seconds without a request after which the process ends."""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
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
    """Answer until idle or told to end."""
    with _Server(str(where), _Handler) as server:
        server.serve_forever()
    for suffix in (".sock", ".pid"):
        with suppress(FileNotFoundError):
            where.with_suffix(suffix).unlink()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
