"""Make an isolated machine of the kernel's namespaces, whose first process is an agent that runs programs.

Namespaces of its own for users, mounts, processes, network, IPC and host name; a root that holds only
what the view names, read-only; a work folder in memory. Root becomes nobody once that root is built.
`main` is what a process of its own runs (`sandbox/backends/worker.py` starts it); imports nothing of Assay
but its neighbours, which import the standard library alone.
"""

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import TypedDict

from sandbox.backends import kernel
from sandbox.backends.kernel import call, mount

DEVICES = ("null", "zero", "full", "random", "urandom")
LINKS = (("/proc/self/fd", "dev/fd"), ("/proc/self/fd/0", "dev/stdin"), ("/proc/self/fd/1", "dev/stdout"),
         ("/proc/self/fd/2", "dev/stderr"))  # fmt: skip
PLACES = ("work", "tmp", "dev/shm", "proc")
"""Folders of the root that are mounted anew: for a lease the first, for each program the others."""


class Specification(TypedDict):
    """What the machine shows, and how it is reached."""

    folders: list[str]
    links: list[tuple[str, str]]
    root: str
    """An empty folder, where the root is put together."""
    groups: list[str]
    """Control groups to enter."""
    control: int
    """Descriptor of the socket on which the agent is asked."""
    calls: str
    """The filter of system calls, in hexadecimal."""


def main() -> None:
    """Make the machine that the first argument describes, in JSON, and wait until it has ended."""
    spec: Specification = json.loads(sys.argv[1])
    try:
        sys.exit(_make(spec))
    except OSError as error:
        print(f"namespaces: {error}", file=sys.stderr)
        sys.exit(125)


def _make(spec: Specification) -> int:
    # Imported while the machine's own files can be seen; programs find these modules loaded.
    from sandbox.backends import agent  # noqa: PLC0415

    for group in spec["groups"]:
        Path(group, "cgroup.procs").write_text("0")
    kernel.die_with_parent()
    kernel.hide()
    if os.getuid() != 0:
        kernel.become_nobody()
    call(
        "unshare",
        kernel.NEW_MOUNTS | kernel.NEW_PROCESSES | kernel.NEW_NETWORK | kernel.NEW_IPC | kernel.NEW_HOST_NAME,
    )
    first = os.fork()
    if first:
        os.close(spec["control"])
        return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) % 256
    try:
        kernel.die_with_parent()
        _build_root(spec)
        if os.getuid() == 0:
            _leave_root()
        kernel.hide()
        agent.serve(spec["control"], bytes.fromhex(spec["calls"]))
    except OSError as error:
        os.write(2, f"namespaces: {error}\n".encode())
    finally:
        os._exit(125)


def _leave_root() -> None:
    """Become nobody, who may mount in this machine alone; raises OSError."""
    os.setgroups([])
    os.setresgid(kernel.NOBODY, kernel.NOBODY, kernel.NOBODY)
    os.setresuid(kernel.NOBODY, kernel.NOBODY, kernel.NOBODY)
    kernel.become_nobody()
    call("unshare", kernel.NEW_MOUNTS)
    kernel.die_with_parent()


def _build_root(spec: Specification) -> None:
    """Fill the new root and make it this process's; raises OSError."""
    root = Path(spec["root"])
    mount("none", Path("/"), flags=kernel.RECURSIVE | kernel.PRIVATE)
    flags = kernel.NO_SETUID | kernel.NO_DEVICES
    mount("tmpfs", root, kind="tmpfs", flags=flags, data="size=1m,mode=755")
    for target, path in spec["links"]:
        (root / path.lstrip("/")).symlink_to(target)
    for path in spec["folders"]:
        _show(path, root / path.lstrip("/"), read_only=True)
    for device in DEVICES:
        _show(f"/dev/{device}", root / "dev" / device, read_only=False)
    for target, path in LINKS:
        (root / path).symlink_to(target)
    for place in PLACES:
        (root / place).mkdir(parents=True)
    mount("proc", root / "proc", kind="proc", flags=flags)
    _enter(root)


def _show(source: str, target: Path, *, read_only: bool) -> None:
    """Show a file or folder at another place; raises OSError."""
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(source, target, flags=kernel.BIND | kernel.RECURSIVE)
    if read_only:
        mount(source, target, flags=kernel.REMOUNT | kernel.BIND | kernel.READ_ONLY | kernel.NO_SETUID)


def _enter(root: Path) -> None:
    """Leave the machine's root for good; raises OSError."""
    (root / "old").mkdir()
    os.chdir(root)
    number = kernel.PIVOT_ROOT.get(os.uname().machine)
    if number is None or kernel.libc.syscall(number, b".", b"old") != 0:
        raise OSError(ctypes.get_errno(), "pivot_root is not possible")
    call("umount2", b"/old", kernel.DETACH)
    Path("/old").rmdir()
    mount("none", Path("/"), flags=kernel.REMOUNT | kernel.BIND | kernel.READ_ONLY)
    os.chdir("/")
