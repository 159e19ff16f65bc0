"""Sandboxes as containers of a Docker engine, or of Podman through its compatible socket.

By the SDK `docker` (extra `docker`), which reads DOCKER_HOST and its fellows. One container a lease, without
network, capabilities or new privileges, with a read-only root, memory for what is written, and an ordinary
user; `runsc` is its runtime where the engine offers it. Programs are started by `exec`, so their limits of
time are kept inside by `timeout`, and outside by a restart of the container. Names in `ASSAY_DOCKER_IMAGE`
the image where a harness names none.
"""

import asyncio
import os
import time
from dataclasses import dataclass
from time import monotonic
from typing import Any

import docker
from docker.errors import DockerException

from assay.errors import SandboxUnavailable
from sandbox.backends.container import KEEPER, ContainerSandbox
from sandbox.backends.profile import profile
from sandbox.protocol import Available, Limits, Missing, Sandbox, SandboxSpec

IMAGE = "python:3.12-slim"
LABEL = "assay.sandbox"
OWNER = "assay.owner"
SECONDS = 120
"""Patience with the engine; programs have limits of their own."""
LIFE = 6 * 3600
"""Seconds after which a container ends by itself, whoever has forgotten it."""
LIMITS = frozenset({"memory", "processes", "cpus", "file_size", "files", "disk", "network"})
REMEDY = "Start a Docker engine, or point DOCKER_HOST at one."


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A connection, and what containers are made with."""

    client: Any
    runtime: str | None


class DockerBackend:
    """Containers of the engine that the environment names."""

    name = "docker"

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._tried: Available | Missing | None = None
        self._probing = asyncio.Lock()

    async def probe(self) -> Available | Missing:
        """Run an empty program in a container; the answer is kept."""
        async with self._probing:
            if self._tried is None:
                self._tried = await self._try()
        return self._tried

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        """Start a container; raises SandboxUnavailable."""
        if self._engine is None:
            await asyncio.to_thread(self._connect)
        try:
            container = await asyncio.to_thread(self._start, spec)
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(
                f"Docker could not start a container: {_short(error)}.", remedy=_advice(error, spec)
            ) from error
        return ContainerSandbox(container, limits=spec.limits)

    async def collect(self) -> int:
        """Remove containers whose process has died on this machine; returns how many."""
        if self._engine is None:
            await asyncio.to_thread(self._connect)
        return await asyncio.to_thread(self._sweep)

    async def _try(self) -> Available | Missing:
        began = monotonic()
        try:
            sandbox = await self.acquire(SandboxSpec())
            try:
                result = await sandbox.exec(["python3", "-c", ""], limits=Limits(seconds=60))
            finally:
                await sandbox.close()
        except SandboxUnavailable as error:
            return Missing(reason=str(error).rstrip("."), remedy=REMEDY)
        if result.ending != "ok":
            said = result.stderr.decode(errors="replace").strip()[-200:]
            return Missing(
                reason=f"Python does not run in the image {default_image()!r}: {said}",
                remedy="Name an image with Python and coreutils in ASSAY_DOCKER_IMAGE.",
            )
        assert self._engine is not None
        return Available(
            isolation="gvisor" if self._engine.runtime else "container",
            capabilities=frozenset({"python", "bash", "image"}),
            limits=LIMITS,
            cold_ms=1000 * (monotonic() - began),
        )

    def _connect(self) -> None:
        try:
            client = docker.from_env(timeout=SECONDS, max_pool_size=64)
            runtimes = client.info().get("Runtimes", {})
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(f"No Docker engine answers: {_short(error)}.", remedy=REMEDY) from error
        self._engine = Engine(client=client, runtime="runsc" if "runsc" in runtimes else None)

    def _start(self, spec: SandboxSpec) -> Any:
        assert self._engine is not None
        return self._engine.client.containers.run(
            spec.image or default_image(),
            ["sleep", str(LIFE)],
            detach=True,
            init=True,
            runtime=self._engine.runtime,
            labels={LABEL: "1", OWNER: _owner()},
            log_config={"type": "none"},
            **restrictions(spec),
        )

    def _sweep(self) -> int:
        assert self._engine is not None
        count = 0
        try:
            for container in self._engine.client.containers.list(all=True, filters={"label": LABEL}):
                if _is_dead(container.labels.get(OWNER, "")):
                    container.remove(force=True)
                    count += 1
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(f"Docker could not be asked: {_short(error)}.", remedy=REMEDY) from error
        return count


def default_image() -> str:
    """The image of a sandbox whose harness names none."""
    return os.environ.get("ASSAY_DOCKER_IMAGE") or IMAGE


def restrictions(spec: SandboxSpec) -> dict[str, Any]:
    """What a container may do, in the SDK's words."""
    limits = spec.limits
    space = f"rw,nosuid,nodev,size={limits.disk},nr_inodes={limits.files},mode=1777"
    return {
        "network_mode": "bridge" if "network" in spec.needs else "none",
        "read_only": True,
        "tmpfs": {"/work": f"{space},exec", "/tmp": f"{space},exec"},  # noqa: S108
        "shm_size": 1 << 20,
        "working_dir": "/work",
        "user": KEEPER,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={profile()}"],
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "nano_cpus": int(limits.cpus * 1e9),
        "pids_limit": limits.processes,
        "ipc_mode": "private",
        "ulimits": [docker.types.Ulimit(name="core", soft=0, hard=0)],
    }


def _owner() -> str:
    """This process, on this boot of this machine."""
    return f"{_boot()}:{os.getpid()}"


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:  # noqa: PTH123
            return file.read().strip()
    except OSError:
        return f"{os.uname().nodename}-{int(time.time() - monotonic()) // 60}"


def _is_dead(owner: str) -> bool:
    """Say whether a container's process was one of this machine and is gone."""
    boot, _, pid = owner.rpartition(":")
    if boot != _boot() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _short(error: Exception) -> str:
    return (getattr(error, "explanation", None) or str(error)).strip().rstrip(".").partition("\n")[0][:300]


def _advice(error: Exception, spec: SandboxSpec) -> str:
    if getattr(error, "status_code", getattr(getattr(error, "response", None), "status_code", 0)) == 404:
        return f"Pull or build the image {spec.image or default_image()!r} on the engine's machine."
    return REMEDY
