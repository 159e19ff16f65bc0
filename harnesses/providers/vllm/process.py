"""A process of vLLM with its keeper: started, surely ended, and swept when nobody owns it.

Each is watched by a keeper (`keeper.py`) that ends it when this process dies. A mark under `ASSAY_HOME` lets
the next start find what is left where the keeper was killed too.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from filelock import FileLock

from assay.errors import EndpointRefused
from assay.home import home
from assay.processes import Process, began, folder, last_line
from harnesses.providers.vllm import keeper
from harnesses.providers.vllm.plan import Command

GRACE = 15.0
_NUMBERS = count()
SHOWN = 400
TAIL = 200
TELLING = re.compile(r"(?:\b\w*(?:Error|Exception|Interrupt)\b: .+|No module named .+|error: .+)")
"""A line of the log that says why it ended, unlike the lines around it."""
REMEDIES = {
    "No module named": "Name the python of an environment with vLLM: -M python=...",
    "out of memory": "Lower -M gpu_memory_utilization or max_model_len, or use more -M tensor_parallel.",
    "Address already in use": "Run the same command again.",
    "unrecognized arguments": "Correct -M args=... for this release of vLLM.",
}


@dataclass
class Running:
    """A command that was started, with its keeper and its log."""

    command: Command
    keeper: subprocess.Popen[bytes]
    log: Path
    mark: Path
    """Where it is noted that this process owns it."""

    @property
    def problem(self) -> EndpointRefused | None:
        """Why it has ended unasked, if it has."""
        return None if self.keeper.poll() is None else _ended(self)

    @property
    def newest(self) -> str:
        """The last line of its log."""
        return _short(last_line(self.log))

    def ask_to_end(self) -> None:
        """Have its keeper end it."""
        with suppress(OSError):
            self.keeper.terminate()

    def finish(self) -> None:
        """Wait until it has ended, and kill what has not."""
        with suppress(subprocess.TimeoutExpired):
            self.keeper.wait(GRACE + keeper.KILLED_WITHIN + 5)
        keeper.end_session(self.keeper.pid)
        with suppress(subprocess.TimeoutExpired):
            self.keeper.wait(1)
        self.mark.unlink(missing_ok=True)


def sweep() -> int:
    """End servers whose owner is gone; returns how many were found."""
    found = 0
    with FileLock(_marks().with_suffix(".lock")):
        for mark in _marks().glob("*.json"):
            try:
                said = json.loads(mark.read_text())
                owner, server = Process(*said["owner"]), Process(*said["keeper"])
            except (OSError, ValueError, KeyError, TypeError):
                mark.unlink(missing_ok=True)
                continue
            if began(owner.pid) == owner.began != "":
                continue
            # A later process may have the keeper's number, but not while one of its session lives.
            if began(server.pid) in {server.began, ""}:
                found += bool(keeper.members(server.pid))
                keeper.end_session(server.pid)
            mark.unlink(missing_ok=True)
    return found


def begin(command: Command, *, name: str, piped: bool = False) -> Running:
    """Start a command under a keeper; its output goes to a log, or comes by a pipe as its input goes."""
    plain = re.sub(r"[^\w.-]+", "-", name)[-60:]
    log = home() / "logs" / "vllm" / f"{plain}-{os.getpid()}-{next(_NUMBERS)}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-P", keeper.__file__, str(os.getpid()), str(GRACE), *command.argv]
    with log.open("wb") as output:
        output.write(f"{command}\n".encode())
        output.flush()
        process = subprocess.Popen(  # noqa: S603 - what the plan says
            argv,
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else output,
            stderr=output,
            env=_environment(command),
            start_new_session=True,
        )
    mark = _marks() / f"{process.pid}.json"
    owner = Process(os.getpid(), began(os.getpid()))
    mark.write_text(json.dumps({"owner": owner, "keeper": Process(process.pid, began(process.pid))}))
    return Running(command, process, log, mark)


def _environment(command: Command) -> Mapping[str, str]:
    """Give it our environment, but for what would have another interpreter load our packages."""
    ours = (
        {} if command.argv[0] == sys.executable else {"PYTHONPATH": "", "PYTHONHOME": "", "VIRTUAL_ENV": ""}
    )
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    # A folder `vllm` where the command was given is not to be taken for the package.
    return {**inherited, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1", **command.environment}


def _ended(one: Running) -> EndpointRefused:
    why = _why(one.log)
    remedy = next((remedy for words, remedy in REMEDIES.items() if words in why), "")
    return EndpointRefused(
        f"The process of vLLM ({one.command.label}) has ended: {_short(why).rstrip('.')}.",
        remedy=f"{remedy} Its log is {one.log}.".strip(),
    )


def _why(log: Path) -> str:
    """Find the line of a log that says most: the first error of its end, else its last line."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-TAIL:]
    except OSError as error:
        return f"its log cannot be read ({error.strerror})"
    told = [found.group() for line in lines if (found := TELLING.search(line))]
    # What wraps an error says less than the error, and comes later.
    return next(iter(told), "") or last_line(log)


def _short(line: str) -> str:
    """Take the prefix of vLLM's log off a line."""
    return re.sub(r"^(\(.*?pid=\d+\) )?([A-Z]+ \d\d-\d\d [\d:]+ \[[^\]]*\])?", "", line).strip()[:SHOWN]


def _marks() -> Path:
    where = folder() / "vllm"
    where.mkdir(parents=True, exist_ok=True)
    return where
