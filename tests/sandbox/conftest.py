"""The backends of this machine: a test runs on each, and is skipped only with what its probe said."""

import os
from collections.abc import AsyncIterator

import pytest

from sandbox.backends.docker import DockerBackend
from sandbox.backends.local import LocalBackend
from sandbox.protocol import Backend, Missing, Sandbox, SandboxSpec

ISOLATED: dict[str, Backend] = {"local": LocalBackend(), "bubblewrap": LocalBackend(means=("bubblewrap",))}
EVERY: dict[str, Backend] = {**ISOLATED, "docker": DockerBackend()}
"""With those that need a server: for the conformance suite."""
ALL: dict[str, Backend] = {**EVERY, "unsafe-local": LocalBackend(unsafe=True)}


async def working(name: str) -> Backend:
    """The backend if it works here; `REQUIRE_SANDBOX=local,...` makes a skip a failure."""
    backend = {**EVERY, **ALL}[name]
    found = await backend.probe()
    if isinstance(found, Missing):
        if name in os.environ.get("REQUIRE_SANDBOX", "").split(","):
            pytest.fail(f"{name} is required: {found.reason}")
        pytest.skip(f"{name}: {found.reason}")
    return backend


@pytest.fixture(params=list(EVERY))
async def backend(request: pytest.FixtureRequest) -> Backend:
    """Each backend that isolates."""
    return await working(request.param)


@pytest.fixture
async def box(backend: Backend) -> AsyncIterator[Sandbox]:
    """A lease of each backend that isolates."""
    sandbox = await backend.acquire(SandboxSpec())
    yield sandbox
    await sandbox.close()


@pytest.fixture(params=list(ALL))
async def any_box(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A lease of every backend, bare processes too."""
    sandbox = await (await working(request.param)).acquire(SandboxSpec())
    yield sandbox
    await sandbox.close()
