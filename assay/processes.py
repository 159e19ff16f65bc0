"""Processes that outlive a command: started in a session of their own, found again, surely ended."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from assay.errors import ServerError
from assay.home import home
from assay.private import OTHERS, make_file, make_folder

GRACE = 8.0


class Process(NamedTuple):
    """A process, told from a later one of the same number by when it began."""

    pid: int
    began: str

    @property
    def alive(self) -> bool:
        """Whether it runs, and is the one that was started."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        return began(self.pid) == self.began != ""


def began(pid: int) -> str:
    """Return when a process began, in the kernel's words; empty where there is none, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except OSError:
        pass
    if Path("/proc/self").exists():
        return ""
    asked = subprocess.run(  # noqa: S603
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - systems without /proc
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()


def place() -> Path:
    """Return where the marks of running processes lie, whether there are any or not."""
    return home() / "run"


def folder() -> Path:
    """Make the folder for the marks of running processes; raises ServerError."""
    where = place()
    try:
        make_folder(where, top=home())
    except OSError as error:
        raise ServerError(
            f"The folder {str(where)!r} cannot be made ({error.strerror}).",
            remedy="Set ASSAY_HOME to a folder that can be written.",
        ) from error
    return where


def start(
    argv: Sequence[str], *, environment: Mapping[str, str], log: Path, descriptors: Sequence[int] = ()
) -> Process:
    """Start a process that lives on when this one ends; its output goes to a file.

    Its files are its user's alone, and it inherits the `descriptors`.
    """
    make_folder(log.parent)
    make_file(log)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - this interpreter and our own modules
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            cwd=home(),
            start_new_session=True,
            umask=OTHERS,
            pass_fds=descriptors,
            preexec_fn=_default_signals,  # noqa: PLW1509 - a command has no other thread then
        )
    return Process(process.pid, began(process.pid))


def end(process: Process) -> None:
    """End a process with all of its session's, kindly and then for good."""
    if not process.alive:
        return
    for sign, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not process.alive and not _group_alive(process.pid):
                return
            time.sleep(0.05)


def last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line), "")


def _group_alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except OSError:
        return False
    return True


def _default_signals() -> None:
    # A process started in the background of a shell inherits that SIGINT is ignored, and would not stop.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
