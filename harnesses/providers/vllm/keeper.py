"""Watch over one process of a server: `keeper.py OWNER GRACE COMMAND...`, the first process of its session.

The engine processes of vLLM outlive the process that started them. So the keeper ends the whole session when
the command ends, when it is asked to (SIGTERM), and when its owner is gone, however that one died. It uses
the standard library alone, because it must start where nothing else does.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

EVERY = 0.2
KILLED_WITHIN = 10.0
"""A process that waits for a broken device cannot be killed; it is not waited for."""


def members(session: int) -> list[int]:
    """List the living processes of a session; none where the system has no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            state, _, _, sid = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(sid) == session and state not in "ZX":
                found.append(int(folder.name))
    return found


def end_session(session: int, *, but: int = 0) -> None:
    """Kill whatever is left of a session."""
    if not Path("/proc/self").exists():
        with suppress(OSError):
            os.killpg(session, signal.SIGKILL)
        return
    deadline = time.monotonic() + KILLED_WITHIN
    while time.monotonic() < deadline and (left := [pid for pid in members(session) if pid != but]):
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def keep(owner: int, grace: float, argv: list[str]) -> int:
    """Run the command until it ends, the owner dies or a signal comes; returns its exit code."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    try:
        child = subprocess.Popen(argv)  # noqa: S603 - what the plan says
    except OSError as error:
        print(f"{argv[0]} cannot be started: {error.strerror}", flush=True)
        return 127
    while child.poll() is None and not asked and os.getppid() == owner:
        time.sleep(EVERY)
    if child.poll() is None:
        child.terminate()
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        if child.poll() is not None and members(os.getsid(0)) == [os.getpid()]:
            break
        time.sleep(EVERY)
    end_session(os.getsid(0), but=os.getpid())
    return child.wait()


if __name__ == "__main__":
    sys.exit(keep(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
