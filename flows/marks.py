"""Say which process a flow run lives in, so that one whose process is gone is told from one that works.

Prefect itself leaves the run of a killed process `Running` for ever.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prefect.runtime import flow_run

from assay.processes import Process, began, folder, place


@contextmanager
def marked() -> Iterator[None]:
    """Mark the current flow run as this process's while the block runs."""
    identity = flow_run.get_id()
    if identity is None:
        yield
        return
    folder()
    file = _file(str(identity))
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(Process(os.getpid(), began(os.getpid()))._asdict()))
    try:
        yield
    except Exception:
        file.unlink(missing_ok=True)
        raise
    # What ends the process itself leaves the mark: the run has not come to its end.
    file.unlink(missing_ok=True)


def marks() -> dict[str, Process]:
    """Return the flow runs that are marked, with their processes, alive or not."""
    files = (place() / "flow-runs").glob("*.json")
    return {file.stem: process for file in files if (process := process_of(file.stem)) is not None}


def process_of(run: str) -> Process | None:
    """Return the process that a flow run was last marked with, alive or not; None without a mark."""
    with suppress(OSError, ValueError, TypeError):
        return Process(**json.loads(_file(run).read_text()))
    return None


def unmark(run: str) -> None:
    """Forget a flow run."""
    _file(run).unlink(missing_ok=True)


def _file(run: str) -> Path:
    return place() / "flow-runs" / f"{run}.json"
