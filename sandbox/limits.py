"""Turn what a program may use into the kernel's own limits for one process."""

from sandbox.protocol import Limits

GRACE = 2
"""Seconds of CPU beyond the wall-clock limit, so that the clock is what ends an endless loop."""


def rlimits(limits: Limits, *, processes: bool) -> dict[str, int]:
    """Return resource limits by the kernel's name without `RLIMIT_`, bytes and seconds.

    `AS` limits each process alone. `NPROC` counts every process of a user, so it belongs (`processes`)
    only inside a user namespace, where it counts the sandbox's own.
    """
    wanted = {
        "AS": limits.memory,
        "FSIZE": limits.file_size,
        "CPU": int(limits.seconds) + GRACE,
        "CORE": 0,
    }
    return {**wanted, "NPROC": limits.processes} if processes else wanted
