"""Whether two mathematical answers are equal, by Math-Verify in a process with a time limit."""

import json
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any, Literal, NamedTuple

from tasks_lib.optional import library

Kind = Literal["latex", "expr", "string"]
SECONDS = 20.0
"""Beside Math-Verify's own five seconds for each reading and comparison."""
START_SECONDS = 60.0


class Equality(NamedTuple):
    """How a comparison ended."""

    equal: bool
    read: str | None = None
    """What was found in the answer."""
    in_time: bool = True


class Comparer:
    """A worker process, started when first asked and replaced when it takes too long; for any thread."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def compare(self, gold: str, *, answer: str, kinds: Sequence[Kind], **settings: Any) -> Equality:
        """Compare an answer, a whole text, with the gold one; raises BadSpec without Math-Verify."""
        question = {"gold": gold, "answer": answer, "kinds": list(kinds), "settings": settings}
        with self._lock:
            started = self._process is not None
            process = self._running()
            stdin, stdout = process.stdin, process.stdout
            assert stdin is not None
            assert stdout is not None
            try:
                stdin.write(json.dumps(question) + "\n")
                stdin.flush()
                line = _line(stdout, seconds=self._seconds if started else START_SECONDS + self._seconds)
            except BrokenPipeError:
                line = ""
            if not line:
                self._stop()
                return Equality(False, in_time=False)
        found = json.loads(line)
        return Equality(found["equal"], found["read"])

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            library("math_verify", purpose="Comparing mathematical answers")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tasks_lib.mathematics.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
        self._process = None


def _line(stream: IO[str], *, seconds: float) -> str:
    """Read a line; empty where none comes in time. The worker writes one line an answer, whole."""
    ready, _, _ = select.select([stream], [], [], seconds)
    return stream.readline() if ready else ""


COMPARER = Comparer()
"""One for the whole process; it ends with it, as its input is closed."""
