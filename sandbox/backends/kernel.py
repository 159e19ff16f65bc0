"""Calls of the Linux kernel that Python has no function for; imports nothing but the standard library."""

import ctypes
import os
import resource
from pathlib import Path

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
CLONE = {"x86_64": 56, "aarch64": 220}
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


class Filter(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def call(name: str, *arguments: object) -> None:
    """Call the C library; raises OSError."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def fork_into(namespaces: int) -> int:
    """Fork into new namespaces, as `os.fork` does into none; raises OSError.

    Calling `unshare` and then forking would do that once only: a process can make one namespace of
    processes for its children.
    """
    # The interpreter's lock must not be given up across this call: the child would wait for it.
    held = ctypes.PyDLL(None, use_errno=True)
    pid: int = held.syscall(CLONE[os.uname().machine], namespaces | 17, 0, 0, 0, 0)
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"clone: {os.strerror(number)}")
    return pid


def mount(source: str, target: Path, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount a file system or a part of one; raises OSError."""
    call("mount", source.encode(), str(target).encode(), kind.encode(), flags, data.encode())


def become_nobody() -> None:
    """Enter a user namespace of one user, nobody; processes are counted anew in it."""
    user, group = os.getuid(), os.getgid()
    # A change of user hides /proc/self from the process itself.
    call("prctl", DUMPABLE, 1, 0, 0, 0)
    call("unshare", NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def hide() -> None:
    """Let no other process look into this one, and its descriptors, until it executes another program."""
    call("prctl", DUMPABLE, 0, 0, 0, 0)


def die_with_parent() -> None:
    """Be killed as soon as whoever forked this process has ended."""
    call("prctl", DIE_WITH_PARENT, 9, 0, 0, 0)


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
    """Set the limits of this process and its children, by the kernel's name without `RLIMIT_`."""
    for name, wanted in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
