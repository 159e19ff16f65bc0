"""The filter of system calls in the words of container engines: the calls that `seccomp` refuses, and a few.

Engines differ in what their own profiles let through (AF_VSOCK, io_uring, ptrace, under Podman also mounts
and new namespaces), so every container gets this one.
"""

import errno
import json
from functools import cache

from sandbox.backends.seccomp import AF_INET, AF_INET6, AF_UNIX, NEW_NAMESPACES, NEWER, REFUSED

REFUSE = "SCMP_ACT_ERRNO"
OBSOLETE = (
    *("clock_adjtime", "clock_settime", "create_module", "get_kernel_syms", "lookup_dcookie", "nfsservctl"),
    *("query_module", "stime", "sysfs", "_sysctl", "umount", "uselib", "ustat", "vm86", "vm86old"),
)
"""Calls that engines refuse by themselves, which a profile of our own must refuse too."""
MACHINES = ("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64")
FAMILIES = (AF_UNIX, AF_INET, AF_INET6)


@cache
def profile() -> str:
    """Return the profile as JSON, for machines of either kind that `seccomp` knows."""
    names = sorted({*OBSOLETE, *NEWER, *(name for calls in REFUSED.values() for name in calls)})
    return json.dumps(
        {
            "defaultAction": "SCMP_ACT_ALLOW",
            "archMap": [{"architecture": machine} for machine in MACHINES],
            "syscalls": [
                {"names": names, "action": REFUSE, "errnoRet": errno.EPERM},
                # Its flags lie in memory, which a filter cannot read: the C library falls back to clone.
                {"names": ["clone3"], "action": REFUSE, "errnoRet": errno.ENOSYS},
                *_plain_sockets(),
                *_plain_clones(),
            ],
        }
    )


def _plain_sockets() -> list[dict[str, object]]:
    """Refuse every family but those that programs know: rules on one argument hold each by itself."""
    refused = [("SCMP_CMP_EQ", n) for n in range(max(FAMILIES)) if n not in FAMILIES]
    return [
        _rule("socket", errno.EAFNOSUPPORT, {"index": 0, "op": op, "value": value})
        for op, value in (*refused, ("SCMP_CMP_GT", max(FAMILIES)))
    ]


def _plain_clones() -> list[dict[str, object]]:
    """Refuse each flag that asks for a new namespace."""
    flags = [1 << bit for bit in range(32) if NEW_NAMESPACES >> bit & 1]
    return [
        _rule("clone", errno.EPERM, {"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": flag, "valueTwo": flag})
        for flag in flags
    ]


def _rule(name: str, error: int, argument: dict[str, object]) -> dict[str, object]:
    return {"names": [name], "action": REFUSE, "errnoRet": error, "args": [argument]}
