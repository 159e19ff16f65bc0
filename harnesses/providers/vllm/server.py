"""The processes that serve a checkpoint: started, waited for, surely ended, and swept when nobody owns them.

Each is watched by a keeper (`keeper.py`) that ends it when this process dies. A mark under `ASSAY_HOME` lets
the next start find what is left where the keeper was killed too.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from filelock import FileLock

from assay.errors import EndpointRefused
from assay.home import home
from assay.server.processes import Process, began, folder, last_line
from harnesses.providers.vllm import keeper
from harnesses.providers.vllm.plan import Command, Launch

GRACE = 15.0
EVERY = 0.5
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


class Servers:
    """All processes of one launch."""

    def __init__(self, launch: Launch, *, name: str) -> None:
        self._launch = launch
        self._name = re.sub(r"[^\w.-]+", "-", name)[-60:]
        self._running: list[Running] = []
        self.doing = ""
        """What is being waited for; empty once they answer."""

    async def start(self, *, within: float) -> None:
        """Start them all and wait until every replica answers; raises EndpointRefused."""
        await asyncio.to_thread(sweep)
        began_at = time.monotonic()
        try:
            for number, command in enumerate(self._launch.commands):
                self._running.append(
                    _start(command, log=_logs() / f"{self._name}-{os.getpid()}-{number}.log")
                )
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
                for url in self._launch.urls:
                    while not await _healthy(session, url.removesuffix("/v1")):
                        self._check(time.monotonic() - began_at, within=within)
                        await asyncio.sleep(EVERY)
        except BaseException:
            await self.stop()
            raise
        finally:
            self.doing = ""

    def problem(self) -> EndpointRefused | None:
        """Say which process has ended unasked and why, if one has."""
        for one in self._running:
            if one.keeper.poll() is not None:
                return _ended(one)
        return None

    async def stop(self) -> None:
        """End them all: kindly, then for good."""
        for one in self._running:
            with suppress(OSError):
                one.keeper.terminate()
        # To be interrupted here again is no reason to leave processes behind: their keepers go on.
        await asyncio.gather(*(asyncio.to_thread(_finish, one) for one in self._running))
        self._running.clear()

    def _check(self, seconds: float, *, within: float) -> None:
        problem = self.problem()
        if problem is not None:
            raise problem
        newest = max(self._running, key=lambda one: one.log.stat().st_mtime)
        self.doing = f"vLLM starts, {seconds:.0f} s: {_short(last_line(newest.log))[:60]}"
        if seconds > within:
            raise EndpointRefused(
                f"vLLM did not answer within {within:.0f} s; it said last: {_short(last_line(newest.log))}.",
                remedy=f"Allow more with -M start_timeout=SECONDS; its log is {newest.log}.",
            )


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


def _start(command: Command, *, log: Path) -> Running:
    log.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-P", keeper.__file__, str(os.getpid()), str(GRACE), *command.argv]
    with log.open("wb") as output:
        output.write(f"{command}\n".encode())
        output.flush()
        process = subprocess.Popen(  # noqa: S603 - what the plan says
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
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


def _finish(one: Running) -> None:
    with suppress(subprocess.TimeoutExpired):
        one.keeper.wait(GRACE + keeper.KILLED_WITHIN + 5)
    keeper.end_session(one.keeper.pid)
    with suppress(subprocess.TimeoutExpired):
        one.keeper.wait(1)
    one.mark.unlink(missing_ok=True)


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


async def _healthy(session: aiohttp.ClientSession, root: str) -> bool:
    try:
        async with session.get(f"{root}/health") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _marks() -> Path:
    where = folder() / "vllm"
    where.mkdir(parents=True, exist_ok=True)
    return where


def _logs() -> Path:
    return home() / "logs" / "vllm"
