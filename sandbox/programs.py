"""Run a Python program and know whether it truly came to its end.

Exit code 0 means nothing, since `os._exit(0)` gives it too. A supervisor inside the sandbox holds a secret
which the program cannot reach, runs the program in a child, and says the secret once the child has told
that it passed the program's last line. Whatever the program prints goes to standard error alone.

What remains: the child is one Python process, so a program written against this very supervisor can look
up its frames and tell its end itself, without having come to it. Leaving early, patching `print`, `sys`
or `os`, forking, and printing guesses do not pass; a program that edits the assertions it is tested by is
for whoever writes the tests.
"""

import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.protocol import Ending, Limits, Sandbox

TAIL = 2000


@dataclass(frozen=True, kw_only=True)
class Program:
    """How a program ended."""

    passed: bool
    """Whether it ran past its last line."""
    ending: Ending
    """`nonzero` where it left before its last line, whatever exit code it chose."""
    stderr_tail: str
    """The last of what it printed, on either stream."""
    seconds: float


async def run_python(sandbox: Sandbox, source: str, *, limits: Limits) -> Program:
    """Run a program in the sandbox; raises SandboxUnavailable."""
    secret = secrets.token_hex(16).encode()
    result = await sandbox.exec(
        ["python3", "-I", "-c", _supervisor()],
        stdin=secret + b"\n" + source.encode(errors="surrogatepass"),
        limits=limits,
    )
    passed = result.ending == "ok" and result.stdout == secret
    ending: Ending = "nonzero" if result.ending == "ok" and not passed else result.ending
    return Program(
        passed=passed,
        ending=ending,
        stderr_tail=result.stderr[-TAIL:].decode(errors="replace"),
        seconds=result.seconds,
    )


@cache
def _supervisor() -> str:
    return Path(__file__).with_name("supervisor.py").read_text()
