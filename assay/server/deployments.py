"""The process that serves the deployments, beside the server."""

import json
import os
import sys
import time
from pathlib import Path

from filelock import FileLock

from assay.errors import ServerError
from assay.home import home
from assay.server.lifecycle import Server
from assay.server.processes import Process, end, folder, last_line, start

SETTLED = 2.0
"""Seconds after which a process that still runs is taken to have started."""


def serve(server: Server) -> Process:
    """Serve the deployments unless they are served; raises ServerError."""
    with FileLock(folder() / "deployments.lock"):
        running = serving()
        if running is not None:
            return running
        log = home() / "logs" / "deployments.log"
        environment = {**os.environ, "PREFECT_API_URL": server.url}
        process = start([sys.executable, "-m", "deployments.serve"], environment=environment, log=log)
        time.sleep(SETTLED)
        if not process.alive:
            raise ServerError(
                f"The deployments are not served: {last_line(log)}.", remedy=f"Its log is {log}."
            )
        _file().write_text(json.dumps(process._asdict()))
        return process


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
    return folder() / "deployments.json"
