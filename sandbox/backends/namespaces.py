"""A sandbox made by the kernel's namespaces alone, for machines without bubblewrap.

Runs by itself (`python -I namespaces.py SPECIFICATION`, in JSON) and imports nothing of Assay. Namespaces
of its own for users, mounts, processes, network, IPC and host name; a root that holds only what the view
names, read-only; no capability. Root becomes nobody once that root is built.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TypedDict

NEW_MOUNTS, NEW_HOST_NAME, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SETUID, NO_DEVICES, REMOUNT = 1, 2, 4, 32
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
DETACH = 2
DIE_WITH_PARENT, DUMPABLE, SECCOMP, DROP_BOUND, NO_NEW_PRIVILEGES = 1, 4, 22, 24, 38
SECCOMP_FILTER = 2
LAST_CAPABILITY = 63
CAPABILITY_VERSION = 0x20080522
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
NOBODY = 65534
DEVICES = ("null", "zero", "full", "random", "urandom")
LINKS = (("/proc/self/fd", "dev/fd"), ("/proc/self/fd/0", "dev/stdin"), ("/proc/self/fd/1", "dev/stdout"),
         ("/proc/self/fd/2", "dev/stderr"))  # fmt: skip

libc = ctypes.CDLL(None, use_errno=True)


class Specification(TypedDict):
    """What the sandbox shows and allows."""

    argv: list[str]
    environment: dict[str, str]
    folders: list[str]
    links: list[tuple[str, str]]
    work: str
    root: str
    disk: int
    shared_memory: int
    limits: dict[str, int]
    status: int
    calls: int


class Filter(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def call(name: str, *arguments: object) -> None:
    """Call the C library; raises OSError."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str, target: Path, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount a file system or a part of one; raises OSError."""
    call("mount", source.encode(), str(target).encode(), kind.encode(), flags, data.encode())


def show(source: str, target: Path, *, read_only: bool) -> None:
    """Show a file or folder at another place; raises OSError."""
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(source, target, flags=BIND | RECURSIVE)
    if read_only:
        mount(source, target, flags=REMOUNT | BIND | READ_ONLY | NO_SETUID)


def become_nobody() -> None:
    """Enter a user namespace of one user, nobody; processes are counted anew in it."""
    user, group = os.getuid(), os.getgid()
    # A change of user hides /proc/self from the process itself.
    call("prctl", DUMPABLE, 1, 0, 0, 0)
    call("unshare", NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def build_root(spec: Specification) -> None:
    """Fill the new root and make it this process's; raises OSError."""
    root = Path(spec["root"])
    mount("none", Path("/"), flags=RECURSIVE | PRIVATE)
    mount("tmpfs", root, kind="tmpfs", flags=NO_SETUID | NO_DEVICES, data="size=1m,mode=755")
    for target, path in spec["links"]:
        (root / path.lstrip("/")).symlink_to(target)
    for path in spec["folders"]:
        show(path, root / path.lstrip("/"), read_only=True)
    for device in DEVICES:
        show(f"/dev/{device}", root / "dev" / device, read_only=False)
    for target, path in LINKS:
        (root / path).symlink_to(target)
    show(spec["work"], root / "work", read_only=False)
    for place, size in (("tmp", spec["disk"]), ("dev/shm", spec["shared_memory"])):
        (root / place).mkdir(parents=True)
        mount(
            "tmpfs", root / place, kind="tmpfs", flags=NO_SETUID | NO_DEVICES, data=f"size={size},mode=1777"
        )
    (root / "proc").mkdir()
    mount("proc", root / "proc", kind="proc", flags=NO_SETUID | NO_DEVICES)
    enter(root)


def enter(root: Path) -> None:
    """Leave the machine's root for good; raises OSError."""
    (root / "old").mkdir()
    os.chdir(root)
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None or libc.syscall(number, b".", b"old") != 0:
        raise OSError(ctypes.get_errno(), "pivot_root is not possible")
    call("umount2", b"/old", DETACH)
    Path("/old").rmdir()
    mount("none", Path("/"), flags=REMOUNT | BIND | READ_ONLY)
    os.chdir("/work")


def give_up_rights(calls: bytes) -> None:
    """Give up every capability, and the system calls of the filter, for good; raises OSError."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(DROP_BOUND, capability, 0, 0, 0)
    call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    if calls:
        program = Filter(len(calls) // 8, calls)
        call("prctl", SECCOMP, SECCOMP_FILTER, ctypes.byref(program), 0, 0)


def set_limits(limits: dict[str, int]) -> None:
    """Set the limits of this process and its children."""
    for name, wanted in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def run_first(spec: Specification, calls: bytes, go: int) -> None:
    """Be the first process of the sandbox: build it, start the program, reap what it leaves."""
    call("prctl", DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    os.read(go, 1)
    os.close(go)
    build_root(spec)
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        become_nobody()
        call("prctl", DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    report = os.dup(spec["status"])
    os.close(spec["status"])
    program = os.fork()
    if program == 0:
        os.close(report)
        os.setsid()
        start(spec, calls)
    os.closerange(0, 3)
    give_up_rights(calls)
    while True:
        pid, status = os.wait()
        if pid == program:
            code = os.waitstatus_to_exitcode(status)
            code = 128 - code if code < 0 else code
            os.write(report, json.dumps({"exit-code": code}).encode() + b"\n")
            os._exit(code)


def start(spec: Specification, calls: bytes) -> None:
    """Take the program's place."""
    variables, argv = spec["environment"], spec["argv"]
    os.environ.clear()
    os.environ.update(variables)
    set_limits(spec["limits"])
    give_up_rights(calls)
    try:
        os.execvpe(argv[0], argv, variables)  # noqa: S606 - the program to be run
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)


def main(spec: Specification) -> int:
    """Make the sandbox and wait for it; returns the program's exit code."""
    with os.fdopen(spec["calls"], "rb") as file:
        calls = file.read()
    call("prctl", DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getuid() != 0:
        become_nobody()
    call("unshare", NEW_MOUNTS | NEW_PROCESSES | NEW_NETWORK | NEW_IPC | NEW_HOST_NAME)
    go, gone = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(gone)
        try:
            run_first(spec, calls, go)
        except OSError as error:
            os.write(2, f"namespaces: {error}\n".encode())
        os._exit(125)
    os.close(go)
    os.write(spec["status"], json.dumps({"child-pid": first}).encode() + b"\n")
    os.close(spec["status"])
    os.close(gone)
    os.closerange(0, 3)
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) % 256


if __name__ == "__main__":
    try:
        sys.exit(main(json.loads(sys.argv[1])))
    except OSError as error:
        print(f"namespaces: {error}", file=sys.stderr)
        sys.exit(125)
