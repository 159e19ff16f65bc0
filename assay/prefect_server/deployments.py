"""The process that serves the deployments, beside the server."""

import json
import os
import sys
import time
from pathlib import Path

from filelock import FileLock

from assay.errors import ServerError
from assay.home import home
from assay.prefect_server.lifecycle import Server
from assay.processes import Process, end, folder, last_line, place, start

READY_WITHIN = 60.0
SETTLED = 1.0
"""Seconds in which the server learns of a new trigger; an event before that would be lost."""


def serve(server: Server) -> Process:
    """Serve the deployments unless they are served; raises ServerError."""
    with FileLock(folder() / "deployments.lock"):
        running = serving()
        if running is not None:
            return running
        log = home() / "logs" / "deployments.log"
        environment = {**os.environ, "PREFECT_API_URL": server.url}
        ready = folder() / "deployments.ready"
        ready.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "deployments.serve", str(ready)]
        process = start(argv, environment=environment, log=log)
        _wait(process, ready, log=log)
        _file().write_text(json.dumps(process._asdict()))
        return process


def _wait(process: Process, ready: Path, *, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not ready.exists():
        if not process.alive or time.monotonic() > deadline:
            end(process)
            raise ServerError(
                f"The deployments are not served: {last_line(log)}.", remedy=f"Its log is {log}."
            )
        time.sleep(0.1)
    time.sleep(SETTLED)


def serving() -> Process | None:
    """Return the process that serves the deployments, if it runs."""
    try:
        process = Process(**json.loads(_file().read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return process if process.alive else None


def stop_serving() -> bool:
    """End that process; says whether one ran."""
    process = serving()
    if process is None:
        return False
    end(process)
    return True


def _file() -> Path:
    return place() / "deployments.json"
