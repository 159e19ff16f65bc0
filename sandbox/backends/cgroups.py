"""Control groups, where this user may make them: limits that hold for all processes of a sandbox together.

Both versions of the kernel's interface: https://docs.kernel.org/admin-guide/cgroup-v1/ and
https://docs.kernel.org/admin-guide/cgroup-v2.html.
"""

import asyncio
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Literal

from sandbox.protocol import Limits

MOUNT = Path("/sys/fs/cgroup")
PREFIX = "assay-"
OWN = 64 << 20
"""Bytes for what runs the sandbox itself, the kernel's part of it included."""
OWN_PROCESSES = 4
PERIOD = 100_000
Controller = Literal["memory", "pids", "cpu"]


class Group:
    """One group of each controller that can be had."""

    def __init__(self, parents: dict[Controller, Path], *, unified: bool) -> None:
        name = f"{PREFIX}{os.getpid()}-{token_hex(6)}"
        self._unified = unified
        self._folders = {controller: parent / name for controller, parent in parents.items()}
        for folder in set(self._folders.values()):
            folder.mkdir()
        self.folders = sorted({str(folder) for folder in self._folders.values()})

    def allow(self, limits: Limits) -> None:
        """Set what all its processes together may use; raises OSError."""
        wanted: dict[Controller, dict[str, str]] = {
            "memory": {"memory.max": str(limits.memory + OWN), "memory.swap.max": "0"}
            if self._unified
            else {"memory.limit_in_bytes": str(limits.memory + OWN)},
            "pids": {"pids.max": str(limits.processes + OWN_PROCESSES)},
            "cpu": {"cpu.max": f"{int(limits.cpus * PERIOD)} {PERIOD}"}
            if self._unified
            else {"cpu.cfs_quota_us": str(int(limits.cpus * PERIOD))},
        }
        for controller, folder in self._folders.items():
            for file, value in wanted[controller].items():
                if (folder / file).exists():
                    (folder / file).write_text(value)

    def killed(self) -> int:
        """Count the processes that were ended because memory was at its limit."""
        folder = self._folders["memory"]
        text = (folder / ("memory.events" if self._unified else "memory.oom_control")).read_text()
        counts = dict(line.split() for line in text.splitlines())
        return int(counts.get("oom_kill", 0))

    async def remove(self) -> None:
        """Remove it, once its last process has left; what stays is swept later."""
        for folder in self.folders:
            for _ in range(50):
                try:
                    await asyncio.to_thread(os.rmdir, folder)
                except FileNotFoundError:
                    break
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    break


def new_group() -> Group | None:
    """Make a group, or nothing where this user may not limit memory by one."""
    parents, unified = parent_groups()
    if "memory" not in parents:
        return None
    try:
        return Group(parents, unified=unified)
    except OSError:
        return None


@cache
def parent_groups() -> tuple[dict[Controller, Path], bool]:
    """Find the group below which this process may make others, by controller; whether it is version 2."""
    found: dict[Controller, Path] = {}
    controllers: tuple[Controller, ...] = ("memory", "pids", "cpu")
    lines = [line.split(":", 2) for line in _read(Path("/proc/self/cgroup")).splitlines()]
    for _, names, path in lines:
        for controller in controllers:
            if controller not in names.split(","):
                continue
            folders = [MOUNT / controller / path.lstrip("/"), MOUNT / controller]
            usable = [folder for folder in folders if os.access(folder, os.W_OK) and _limits(folder)]
            if usable:
                found[controller] = usable[0]
    if found:
        return found, False
    for _, names, path in lines:
        folder = MOUNT / path.lstrip("/")
        if not names and os.access(folder, os.W_OK):
            # A group with processes of its own cannot give controllers on, but its parent may have done.
            for candidate in (folder, folder.parent):
                given = _read(candidate / "cgroup.subtree_control").split()
                if "memory" in given and os.access(candidate, os.W_OK):
                    return {controller: candidate for controller in controllers if controller in given}, True
    return {}, True


def sweep() -> int:
    """Remove groups that processes which died have left; returns how many."""
    count = 0
    for parent in set(parent_groups()[0].values()):
        for folder in parent.glob(f"{PREFIX}*-*"):
            owner = folder.name.removeprefix(PREFIX).partition("-")[0]
            if owner.isdigit() and not Path("/proc", owner).exists():
                with suppress(OSError):
                    folder.rmdir()
                    count += 1
    return count


def _limits(folder: Path) -> bool:
    """Say whether groups can be made in a folder, by making one."""
    trial = folder / f"{PREFIX}{os.getpid()}-{token_hex(6)}"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError:
        return False
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
