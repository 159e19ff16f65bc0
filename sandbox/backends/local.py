"""Sandboxes on this machine: bubblewrap, else the kernel's namespaces; a fresh one for each program.

What holds: no network, a read-only root that shows the system's programs and this interpreter, an empty
environment, no capability, limits on time, memory of each process, processes, file size and output. What
does not: memory is limited for each process alone, and the kernel's system calls are not filtered.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from time import monotonic, time
from typing import Literal

from assay.errors import SandboxError, SandboxUnavailable
from sandbox.backends.running import BROKEN, run_limited
from sandbox.backends.view import WORK, View, environment, view
from sandbox.protocol import Available, ExecResult, Limits, Missing, Sandbox, SandboxSpec

Means = Literal["bubblewrap", "namespaces", "none"]
HERE = Path(__file__).parent
PREFIX = "assay-sandbox-"
NOBODY = 65534
STALE = 86_400.0
TMP, SHARED = "/tmp", "/dev/shm"  # noqa: S108 - inside the sandbox


class LocalBackend:
    """Programs on this machine, isolated."""

    name = "local"

    def __init__(self) -> None:
        self._found: Available | Missing | None = None
        self._means: Means = "none"
        self._user: int | None = None

    async def probe(self) -> Available | Missing:
        """Run an empty program by each means until one works; the answer is kept."""
        if self._found is None:
            self._found = await self._try()
        return self._found

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        """Make an empty work folder; raises SandboxUnavailable."""
        found = await self.probe()
        if isinstance(found, Missing):
            raise SandboxUnavailable(f"No isolation is possible here: {found.reason}", remedy=found.remedy)
        return LocalSandbox(self._means, user=self._user, limits=spec.limits)

    async def collect(self) -> int:
        """Remove work folders that runs which died have left."""
        return await asyncio.to_thread(_remove_old)

    async def _try(self) -> Available | Missing:
        problems = []
        users = [NOBODY, None] if os.getuid() == 0 else [None]
        for means in ("bubblewrap", "namespaces"):
            for user in users:
                began = monotonic()
                problem = await _trial(means, user)
                if not problem:
                    self._means, self._user = means, user
                    return Available(
                        isolation="namespace",
                        capabilities=frozenset({"python", "bash"}),
                        limits=frozenset({"memory", "processes", "file_size", "network", "disk"}),
                        cold_ms=1000 * (monotonic() - began),
                    )
                problems.append(f"{means}: {problem}")
        return Missing(
            reason="; ".join(dict.fromkeys(problems)),
            remedy="Install bubblewrap, allow user namespaces, or accept the risk with --unsafe-local.",
        )


class UnsafeBackend:
    """Programs on this machine without isolation: limits of time, memory and output only."""

    name = "unsafe-local"

    async def probe(self) -> Available | Missing:
        """Say what holds."""
        return Available(
            isolation="none",
            capabilities=frozenset({"python", "bash", "network"}),
            limits=frozenset({"memory", "file_size"}),
            cold_ms=0.0,
        )

    async def acquire(self, spec: SandboxSpec) -> Sandbox:
        """Make an empty work folder."""
        return LocalSandbox("none", user=None, limits=spec.limits)

    async def collect(self) -> int:
        """Leave everything."""
        return 0


class LocalSandbox:
    """An empty folder, and programs that see little else."""

    def __init__(self, means: Means, *, user: int | None, limits: Limits) -> None:
        self._means: Means = means
        self._user = user
        self._limits = limits
        self._home = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._work = self._home / "work"
        self._empty()

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Run a program to its end; raises SandboxUnavailable."""
        allowed = limits or self._limits
        seen = _view()
        variables = {**environment(seen), **(env or {})}
        if self._means == "none":
            variables["HOME"] = str(self._work)
        launched = [
            _python(seen, self._means),
            "-I",
            "-S",
            _inside(self._means),
            _rlimits(allowed, self._means),
            *argv,
        ]
        command = _command(self._means, self._home, launched, variables, allowed)
        result = await run_limited(
            command, stdin=stdin, env=variables if self._means == "none" else {}, limits=allowed,
            user=self._user, folder=self._work,
        )  # fmt: skip
        if (result.code == BROKEN and b"no sandbox" in result.stderr) or b"bwrap: " in result.stderr[:6]:
            said = result.stderr.decode(errors="replace").strip()
            raise SandboxUnavailable(f"The sandbox could not be made: {said}")
        return result

    async def read(self, path: str, *, limit: int = 100 << 20) -> bytes:
        """Read a file of the work folder; raises SandboxError."""
        file = self._path(path)
        try:
            if file.stat().st_size > limit:
                raise SandboxError(f"The file {path!r} is larger than {limit:,} bytes.")
            return file.read_bytes()
        except OSError as error:
            raise SandboxError(f"The file {path!r} cannot be read: {error.strerror}.") from error

    async def write(self, path: str, data: bytes) -> None:
        """Write a file of the work folder, making its folders."""
        file = self._path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if self._user is not None:
            for made in (file, *file.parents):
                if made == self._work:
                    break
                os.chown(made, self._user, self._user)

    async def reset(self) -> None:
        """Empty the work folder."""
        self._empty()

    async def close(self) -> None:
        """Remove the work folder."""
        await asyncio.to_thread(shutil.rmtree, self._home, ignore_errors=True)

    def _path(self, path: str) -> Path:
        """Find a path inside the work folder, following no link out of it; raises SandboxError."""
        inner = Path(path)
        relative = inner.relative_to(WORK) if inner.is_relative_to(WORK) else inner
        file = (self._work / relative).resolve()
        if not file.is_relative_to(self._work.resolve()):
            raise SandboxError(f"{path!r} lies outside the sandbox.", remedy=f"Name a path below {WORK}.")
        return file

    def _empty(self) -> None:
        shutil.rmtree(self._work, ignore_errors=True)
        for folder in (self._work, self._home / "root"):
            folder.mkdir(exist_ok=True)
        if self._user is not None:
            for folder in (self._home, self._work, self._home / "root"):
                os.chown(folder, self._user, self._user)


def _remove_old() -> int:
    left = Path(tempfile.gettempdir()).glob(f"{PREFIX}*")
    old = [path for path in left if path.is_dir() and path.stat().st_mtime < time() - STALE]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


async def _trial(means: Means, user: int | None) -> str:
    """Run an empty program; returns why that did not work."""
    if means == "bubblewrap" and shutil.which("bwrap") is None:
        return "bwrap is not installed"
    sandbox = LocalSandbox(means, user=user, limits=Limits())
    try:
        result = await sandbox.exec(
            [_view().python, "-I", "-S", "-c", "print(open('/proc/self/status').readline())"]
        )
    except SandboxUnavailable as error:
        return str(error)
    finally:
        await sandbox.close()
    return (
        "" if result.ending == "ok" else result.stderr.decode(errors="replace").strip()[:200] or result.ending
    )


@cache
def _view() -> View:
    return view()


def _python(seen: View, means: Means) -> str:
    return sys.executable if means == "none" else seen.python


def _inside(means: Means) -> str:
    return str(HERE / "launch.py") if means == "none" else "/launch.py"


def _rlimits(limits: Limits, means: Means) -> str:
    seconds = int(limits.seconds) + 2
    wanted = {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_CPU": seconds * max(1, round(limits.cpus)),
        "RLIMIT_CORE": 0,
    }
    if means != "none":
        wanted["RLIMIT_NPROC"] = limits.processes
    return json.dumps(wanted)


def _command(
    means: Means, home: Path, argv: Sequence[str], variables: Mapping[str, str], limits: Limits
) -> list[str]:
    if means == "none":
        return list(argv)
    seen = _view()
    if means == "bubblewrap":
        return _bubblewrap(seen, home, argv, variables, limits)
    spec = {
        "binds": [*seen.binds],
        "links": [*seen.links],
        "work": str(home / "work"),
        "root": str(home / "root"),
        "tmp": limits.disk,
        "environment": dict(variables),
        "launch": str(HERE / "launch.py"),
    }
    return [seen.python, "-I", "-S", str(HERE / "namespaces.py"), json.dumps(spec), *argv]


def _bubblewrap(
    seen: View, home: Path, argv: Sequence[str], variables: Mapping[str, str], limits: Limits
) -> list[str]:
    command = [
        shutil.which("bwrap") or "bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net",
        "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        "--uid", str(NOBODY), "--gid", str(NOBODY), "--clearenv",
    ]  # fmt: skip
    for name, value in variables.items():
        command += ["--setenv", name, value]
    for target, path in seen.links:
        command += ["--symlink", target, path]
    for path in seen.binds:
        command += ["--ro-bind", path, path]
    command += [
        "--proc", "/proc", "--dev", "/dev", "--size", str(limits.disk), "--tmpfs", TMP,
        "--size", str(1 << 20), "--tmpfs", SHARED, "--ro-bind", str(HERE / "launch.py"), "/launch.py",
        "--bind", str(home / "work"), WORK, "--remount-ro", "/", "--chdir", WORK, "--",
    ]  # fmt: skip
    return [*command, *argv]
