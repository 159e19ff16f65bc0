"""Prefect's server for one home: `python -m deployments.server SOCKET`, which its watcher starts.

The socket is a descriptor that the watcher holds, so that no other process can take the port while the
server starts or is started again.
"""

import os
import socket
import sys
import threading
import time

import uvicorn
from prefect.server.api.server import create_app
from prefect.settings import get_current_settings

from deployments.guard import Guard

EVERY = 2.0


def main(descriptor: int) -> None:
    """Serve until told to end, or until the watcher is gone."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    api = get_current_settings().server.api
    config = uvicorn.Config(
        Guard(create_app(final=True)),
        log_level="warning",
        access_log=False,
        timeout_keep_alive=api.keepalive_timeout,
        # Open pages keep a connection each, which would hold up the end.
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def _end_with(parent: int) -> None:
    """End this process once the one that started it is gone: nobody would end it later."""
    while os.getppid() == parent:
        time.sleep(EVERY)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
