"""Check a solution by tests in another process, so that no solution can write its own verdict.

Inside the sandbox one process holds the tests, what they expect and a secret, and another runs the solution;
a pipe between them carries plain values (`sandbox/values.py`). Only the process of the tests states the
verdict. Tests whose own objects must reach a solution cannot run this way: see `Trial.refused`.
"""

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sandbox.inside import source
from sandbox.programs import TAIL
from sandbox.protocol import Ending, Limits, Sandbox


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How a solution did in its tests."""

    passed: bool
    ending: Ending
    """`nonzero` where a test failed, whatever the solution did."""
    refused: bool
    """Whether it failed, and the tests wanted to hand it an object that cannot pass a pipe."""
    objects: bool
    """Whether it failed, and answered with an object that cannot: a right solution may have to."""
    stderr_tail: str
    """The last of what the solution printed, then how the tests ended."""
    seconds: float


async def run_tests(
    sandbox: Sandbox,
    program: str,
    tests: str,
    *,
    context: str = "",
    names: Collection[str] = (),
    seconds: float | None = None,
    limits: Limits,
) -> Trial:
    """Run a solution's program, then tests that call it; raises SandboxUnavailable.

    `context` is code that the tests need and that no solution has written. Names that the tests look up and
    nobody defines come from the solution, as do `names`, even where Python has the same. `seconds` is the
    time of one call, `limits.seconds` that of all.
    """
    secret = secrets.token_hex(16).encode()
    job = {
        "program": program,
        "tests": tests,
        "context": context,
        "names": sorted(names),
        "seconds": seconds,
    }
    result = await sandbox.exec(
        ["python3", "-I", "-c", source()], stdin=secret + b"\n" + json.dumps(job).encode(), limits=limits
    )
    token, _, word = result.stdout.partition(b" ")
    trusted = result.ending == "ok" and secrets.compare_digest(token, secret)
    passed = trusted and word == b"passed"
    ending: Ending = "nonzero" if result.ending == "ok" and not passed else result.ending
    return Trial(
        passed=passed,
        ending="timeout" if trusted and word == b"slow" else ending,
        refused=trusted and word == b"refused",
        objects=trusted and word == b"objects",
        stderr_tail=result.stderr[-TAIL:].decode(errors="replace"),
        seconds=result.seconds,
    )
