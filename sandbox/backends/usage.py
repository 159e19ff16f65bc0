"""How much memory the processes of a sandbox hold: a look at them, where no control group counts it.

A process's own pages by their share (Pss), so that what forked processes have in common counts once; and
each piece of shared memory, whoever has mapped it. The filter of system calls keeps those pieces small
and allows none without a mapping (`seccomp.call_filter`).
"""

import os
from contextlib import suppress
from pathlib import Path

from sandbox.backends.seccomp import SHARED_MAPPING

PAGE = os.sysconf("SC_PAGE_SIZE")
SHARED_NAME = "/dev/zero (deleted)"
FEW = 8
"""Pieces of shared memory that are counted by what is mapped of them; any more, as if each were full."""


def memory_of(first: int) -> int:
    """Return the bytes that a process and all that descend from it hold together."""
    own = 0
    pieces: dict[str, int] = {}
    for pid in family(first):
        own += _own(pid)
        pieces |= {piece: max(size, pieces.get(piece, 0)) for piece, size in _shared(pid).items()}
    few = len(pieces) <= FEW
    return own + (sum(pieces.values()) if few else len(pieces) * SHARED_MAPPING)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it; whoever lost a parent is the first process's child."""
    members, new = [], [pid]
    while new:
        parent = new.pop()
        members.append(parent)
        with suppress(OSError):
            for children in Path(f"/proc/{parent}/task").glob("*/children"):
                new += [int(child) for child in children.read_text().split()]
    return members


def _own(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) << 10
    with suppress(OSError):
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(shared)) * PAGE
    return 0


def _shared(pid: int) -> dict[str, int]:
    """Return the size of each piece of shared memory that a process has mapped, by its inode."""
    pieces: dict[str, int] = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines():
            if line.endswith(SHARED_NAME):
                ends, _, _, _, inode, *_ = line.split()
                low, high = (int(end, 16) for end in ends.split("-"))
                pieces[inode] = pieces.get(inode, 0) + high - low
    return pieces
