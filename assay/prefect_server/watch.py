"""The process that runs the server and ends it once nobody has used it for a while."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from assay.prefect_server.environment import HOST

IDLE = float(os.environ.get("ASSAY_SERVER_IDLE_SECONDS", "1800"))
EVERY = 2.0


def main(port: str, folder: Path) -> int:
    """Run the server until it ends, is told to, or is idle; returns its exit code."""
    argv = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", port]
    server = subprocess.Popen(argv)  # noqa: S603 - this interpreter
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    while server.poll() is None:
        if not _kept(folder) and _idle(folder) > IDLE:
            server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(EVERY)
    return server.returncode


def _idle(folder: Path) -> float:
    try:
        return time.time() - (folder / "server.used").stat().st_mtime
    except OSError:
        return 0.0


def _kept(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "server.json").read_text())["kept"])
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
