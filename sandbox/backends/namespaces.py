"""A sandbox made by the kernel's namespaces alone, for machines without bubblewrap.

Runs by itself (`python -I namespaces.py SPEC PROGRAM...`): a user, mount, process, network, IPC and host
name namespace of its own; a root that holds only what the view names, read-only; no capability.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
LAST_CAPABILITY = 63
CAPABILITY_VERSION = 0x20080522
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
NOBODY = 65534
DEVICES = ("null", "zero", "full", "random", "urandom")
BROKEN = 125

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> None:
    """Call the C library; raises OSError."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str, target: Path, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount."""
    call("mount", source.encode(), str(target).encode(), kind.encode(), flags, data.encode())


def bind(source: str, target: Path, *, read_only: bool) -> None:
    """Show a file or folder at another place."""
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(source, target, flags=MS_BIND | MS_REC)
    if read_only:
        mount(source, target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)


def isolate() -> None:
    """Enter new namespaces as nobody."""
    user, group = os.getuid(), os.getgid()
    kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
    call("unshare", kinds)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def build_root(root: Path, spec: dict[str, object]) -> None:
    """Fill the new root and make it this process's."""
    mount("none", Path("/"), flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", root, kind="tmpfs", flags=MS_NOSUID | MS_NODEV, data="size=1m,mode=755")
    for target, path in spec["links"]:  # type: ignore[attr-defined]
        (root / path.lstrip("/")).symlink_to(target)
    for path in spec["binds"]:  # type: ignore[attr-defined]
        bind(path, root / path.lstrip("/"), read_only=True)
    for device in DEVICES:
        bind(f"/dev/{device}", root / "dev" / device, read_only=False)
    bind(str(spec["launch"]), root / "launch.py", read_only=True)
    bind(str(spec["work"]), root / "work", read_only=False)
    for place, size in (("tmp", spec["tmp"]), ("dev/shm", 1 << 20)):
        (root / place).mkdir(parents=True)
        mount("tmpfs", root / place, kind="tmpfs", flags=MS_NOSUID | MS_NODEV, data=f"size={size},mode=1777")
    (root / "proc").mkdir()
    mount("proc", root / "proc", kind="proc", flags=MS_NOSUID | MS_NODEV)
    (root / "old").mkdir()
    os.chdir(root)
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None or libc.syscall(number, b".", b"old") != 0:
        raise OSError(ctypes.get_errno(), "pivot_root is not possible")
    call("umount2", b"/old", MNT_DETACH)
    Path("/old").rmdir()
    mount("none", Path("/"), flags=MS_REMOUNT | MS_BIND | MS_RDONLY)
    os.chdir("/work")


def drop_capabilities() -> None:
    """Give up every capability for good."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def inside(spec: dict[str, object], argv: list[str]) -> None:
    """Be the first process of the sandbox: build it, start the program, reap what it leaves."""
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    build_root(Path(str(spec["root"])), spec)
    program = os.fork()
    if program == 0:
        drop_capabilities()
        os.execve(argv[0], argv, dict(spec["environment"]))  # type: ignore[call-overload] # noqa: S606
    os.closerange(0, 3)
    while True:
        pid, status = os.wait()
        if pid == program:
            os._exit(
                os.waitstatus_to_exitcode(status) % 256 if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            )


def main(spec: dict[str, object], argv: list[str]) -> int:
    """Make the sandbox and wait for it; returns the program's exit code, 125 where there is no sandbox."""
    try:
        call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        isolate()
    except OSError as error:
        print(f"no sandbox: {error}", file=sys.stderr)
        return BROKEN
    child = os.fork()
    if child == 0:
        try:
            inside(spec, argv)
        except OSError as error:
            os.write(2, f"no sandbox: {error}\n".encode())
        os._exit(BROKEN)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) % 256


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))
