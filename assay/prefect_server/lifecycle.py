"""Find, start and stop the server."""

import json
import os
import socket
import sys
import time
import urllib.error
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from assay.errors import ServerError
from assay.home import home
from assay.prefect_server.environment import HOST, LEISURELY, adopt, server_settings
from assay.prefect_server.secret import auth_string
from assay.prefect_server.speech import OURS, call, given_url, healthy
from assay.private import write_own
from assay.processes import Process, end, folder, last_line, place, start

HEALTHY_WITHIN = 90.0
TRIES = 3
REFUSED = (401, 403)
BACKLOG = 512


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    url: str
    """Of its API."""
    pid: int | None = None
    """Of the process that watches over it; None for a server that is not ours."""
    kept: bool = False
    """Whether it stays when nobody uses it."""

    @property
    def ui_url(self) -> str:
        """Of its pages."""
        return os.environ.get("PREFECT_UI_URL") or self.url.removesuffix("/api")


@dataclass(frozen=True)
class _State:
    pid: int
    began: str
    port: int
    kept: bool

    @property
    def process(self) -> Process:
        return Process(self.pid, self.began)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/api"


def ensure(*, keep: bool = False) -> Server:
    """Return a server that answers, starting ours where none is; raises ServerError.

    `PREFECT_API_URL` names another one. Puts Prefect's settings into this process's environment.
    """
    if given := given_url():
        if not healthy(given):
            raise ServerError(
                f"No Prefect server answers at {_shown(given)}.",
                remedy="Start it, correct PREFECT_API_URL, or unset it to use Assay's own.",
            )
        _expect_welcome(given)
        adopt(given)
        return Server(given)
    with FileLock(folder() / "server.lock"):
        state = _read()
        if state is None or not state.process.alive or not _answers(state):
            state = _start(state)
        if keep and not state.kept:
            state = _State(**{**asdict(state), "kept": True})
            _write(state)
    touch()
    os.environ[OURS] = "1"
    adopt(state.url, secret=auth_string())
    return Server(state.url, state.pid, state.kept)


def _expect_welcome(given: str) -> None:
    """Refuse a server that answers but takes no request from us, before anything is evaluated."""
    try:
        call(f"{given.rstrip('/')}/admin/version")
    except urllib.error.HTTPError as error:
        if error.code in REFUSED:
            raise ServerError(
                f"The Prefect server at {_shown(given)} refuses requests without its secret.",
                remedy="Set PREFECT_API_AUTH_STRING, or PREFECT_API_KEY for Prefect Cloud.",
            ) from error
    except OSError:
        pass


def find() -> Server | None:
    """Return our server, or the one that `PREFECT_API_URL` names, if it answers; starts nothing."""
    if given := given_url():
        return Server(given) if healthy(given) else None
    state = _read()
    if state is None or not state.process.alive or not healthy(state.url):
        return None
    return Server(state.url, state.pid, state.kept)


def stop() -> bool:
    """Stop our server; says whether one ran."""
    if _read() is None:
        return False
    with FileLock(folder() / "server.lock"):
        state = _read()
        ran = state is not None and state.process.alive
        if state is not None:
            end(state.process)
            _write(_State(0, "", state.port, kept=False))
    return ran


def touch() -> None:
    """Note that the server is in use."""
    (folder() / "server.used").touch()


def _answers(state: _State) -> bool:
    """Wait for a server that somebody else may have just started."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if healthy(state.url):
            return True
        time.sleep(0.2)
    return False


def _start(before: _State | None) -> _State:
    if before is not None:
        end(before.process)
    log = home() / "logs" / "server.log"
    preferred = before.port if before else 0
    for _ in range(TRIES):
        with _listen(preferred) as listening:
            preferred = 0
            port: int = listening.getsockname()[1]
            environment = {**LEISURELY, **_clean(os.environ), **server_settings(port, secret=auth_string())}
            argv = [
                sys.executable,
                "-m",
                "assay.prefect_server.watch",
                str(listening.fileno()),
                str(folder()),
            ]
            touch()
            process = start(argv, environment=environment, log=log, descriptors=[listening.fileno()])
            state = _State(process.pid, process.began, port, kept=before is not None and before.kept)
            _write(state)
        if _becomes_healthy(state):
            return state
        end(process)
    raise ServerError(
        f"The Prefect server did not start: {last_line(log) or 'it said nothing'}.",
        remedy=f"Its log is {log}.",
    )


def _becomes_healthy(state: _State) -> bool:
    deadline = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < deadline and state.process.alive:
        if healthy(state.url, seconds=2):
            return True
        time.sleep(0.1)
    return False


def _listen(preferred: int) -> socket.socket:
    """Take a port, the preferred one where it is free: it is ours from here on, not from some later start."""
    for port in (preferred, 0):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen(BACKLOG)
        except OSError:
            listening.close()
            continue
        return listening
    raise ServerError("No port of this machine is free.", remedy="End some of its servers.")


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out keys, which the server has no business with."""
    return {name: value for name, value in environment.items() if not name.endswith(("_API_KEY", "_TOKEN"))}


def _file() -> Path:
    return place() / "server.json"


def _read() -> _State | None:
    try:
        return _State(**json.loads(_file().read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _write(state: _State) -> None:
    write_own(_file(), json.dumps(asdict(state)))


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
