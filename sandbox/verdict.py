"""The whole of a check inside the sandbox: fork the solution's process, run the tests, say the verdict."""

import ctypes
import json
import os
import select
import signal
import sys
import threading
import traceback
from typing import TypedDict

from sandbox.checker import Connection, Ended, stand_ins
from sandbox.solution import be_solution

SET_DUMPABLE = 4
CHUNK = 1 << 16
SHOWN = 1 << 16
"""Bytes of what a program prints that are passed on as they come; of the rest only the end."""
TAIL = 4096
GLANCE = 50
"""Milliseconds between two checks of whether the tests are over."""


class Job(TypedDict):
    """What is to be checked, in JSON behind the secret's line on standard input."""

    program: str
    tests: str
    context: str
    """Code of the question's own, run beside the tests: what a prompt defines, and they use."""
    names: list[str]
    """What must come from the solution, even where Python or the context has the same name."""
    seconds: float | None
    """Time for one call of the solution."""


class Output:
    """What the solution prints, passed on to standard error by a thread: its beginning and its end."""

    def __init__(self, printed: int) -> None:
        self._printed, self._over = printed, threading.Event()
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Pass on what is there already."""
        self._over.set()
        self._thread.join(1)

    def _pass_on(self) -> None:
        waiting = select.poll()
        waiting.register(self._printed, select.POLLIN)
        shown, tail = 0, b""
        while True:
            if not waiting.poll(0 if self._over.is_set() else GLANCE):
                if self._over.is_set():
                    break
                continue
            chunk = os.read(self._printed, CHUNK)
            room = SHOWN - shown
            shown += os.write(2, chunk[:room]) if room else 0
            tail = (tail + chunk[room:])[-TAIL:]
            if not chunk:
                break
        os.write(2, tail)


def start_solution() -> tuple[int, int, int, int]:
    """Start the solution's process; returns its id and the pipes for requests, answers and output."""
    requests, requests_end = os.pipe()
    answers, answers_end = os.pipe()
    output, printed = os.pipe()
    # A process that cannot be looked into stays so when it forks, so the child opens itself again.
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
    child = os.fork()
    if child:
        for descriptor in (requests, answers_end, printed):
            os.close(descriptor)
        return child, requests_end, answers, output
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 1, 0, 0, 0)
    for descriptor in (requests_end, answers, output):
        os.close(descriptor)
    be_solution(requests, answers_end, printed)
    raise AssertionError("a solution answers until its process ends")


def judge(job: Job, connection: Connection) -> str:
    """Run program and tests; returns `passed`, `slow`, `failed`, or what may have made them fail.

    `refused`: the tests tried to hand over an object of theirs; `objects`: they were given something that no
    plain value stands for.
    """
    try:
        connection.load(job["program"])
        space: dict[str, object] = {"__name__": "tests"}
        tests = compile(job["tests"], "tests.py", "exec")
        try:
            exec(job["context"], space)  # noqa: S102 - the question's own code
        except Exception:  # noqa: BLE001 - what is no program by itself defines nothing
            space = {"__name__": "tests"}
        space.update(stand_ins(tests, connection, given=space, names=job["names"]))
        exec(tests, space)  # noqa: S102 - the tests
    except BaseException as error:  # noqa: BLE001 - whatever ends the tests is their verdict
        sys.stderr.flush()
        error.__suppress_context__ = True
        print(traceback.format_exc(limit=-1), end="", file=sys.stderr, flush=True)
    else:
        if connection.problem is None:
            return "passed"
    if connection.problem == Ended.SLOW:
        return "slow"
    if connection.refused:
        return "refused"
    return "objects" if connection.objects else "failed"


def main() -> None:
    """Check what standard input holds, and say the verdict behind the secret."""
    child, requests, answers, output = start_solution()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    secret, text = sys.stdin.buffer.readline().strip(), sys.stdin.buffer.read()
    job: Job = json.loads(text)
    printed = Output(output)
    verdict = judge(job, Connection(requests, answers, seconds=job["seconds"]))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    printed.end()
    os.write(1, secret + b" " + verdict.encode())
    os._exit(0)
