"""Whole commands in processes of their own, with one real Prefect server for all of them."""

import asyncio
import base64
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.endpoint import Endpoint, served

Command = Callable[..., subprocess.CompletedProcess[str]]
ASSAY = [sys.executable, "-c", "from assay.cli import main; main()"]
LEFT_OUT = ("ASSAY_DB_URL", "PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_HOME", "ASSAY_OWN_SERVER")


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose server all tests of this folder use."""
    home = tmp_path_factory.mktemp("shared-home")
    yield home
    run_assay("down", home=home)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {**kept, "ASSAY_HOME": str(home), **more}


def run_assay(*arguments: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ASSAY, *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def assay(shared_home: Path) -> Command:
    """Run a command to its end."""
    return lambda *arguments, **more: run_assay(*arguments, home=shared_home, **more)


def secret_of(home: Path) -> str:
    """The secret of a home's Prefect server."""
    return (home / "run" / "server.secret").read_text()


def ask_server(url: str, *, home: Path, body: object = None) -> Any:
    """Ask the Prefect server of a home as its user."""
    authorization = f"Basic {base64.b64encode(secret_of(home).encode()).decode()}"
    request = urllib.request.Request(
        url,
        data=None if body is None else orjson.dumps(body),
        headers={"Content-Type": "application/json", "Authorization": authorization},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return orjson.loads(answer.read())


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Read the one JSON object of a command that went well."""
    assert done.returncode == 0, done.stderr
    answer = orjson.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """Let an endpoint answer in a thread of this process."""
    ready, over, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        async with served(endpoint):
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield endpoint
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint(latency=0.02)) as found:
        yield found
