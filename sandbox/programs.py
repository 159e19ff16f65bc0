"""Run a Python program and know whether it truly came to its end.

The program says so by a secret that it cannot read: a parent process inside the sandbox holds it, runs
the program in a child and prints it when the child has got to the line after the program's last. Exit
code 0 means nothing, since `os._exit(0)` gives it too. What remains: a program written to search its own
interpreter's frames for the supervisor's token could forge its end.
"""

import secrets
from dataclasses import dataclass

from sandbox.protocol import Ending, Limits, Sandbox

TAIL = 2000
SUPERVISOR = """
import os, sys
def supervise():
    import ctypes
    nonce, source = sys.stdin.buffer.readline().strip(), sys.stdin.buffer.read()
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    report, told = os.pipe()
    report_out = os.dup(1)
    child = os.fork()
    if child == 0:
        del nonce
        os.close(report)
        os.close(report_out)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        token = os.urandom(16)
        os.write(told, token)
        run(source, told, token)
    os.close(told)
    token = os.read(report, 16)
    _, status = os.waitpid(child, 0)
    os.set_blocking(report, False)
    try:
        said = os.read(report, 64)
    except BlockingIOError:
        said = b""
    if said == token and os.waitstatus_to_exitcode(status) == 0:
        os.write(report_out, nonce)
    sys.exit(os.waitstatus_to_exitcode(status) % 256)
def run(source, told, token):
    finish = (os.write, os._exit)
    sys.argv = ["program.py"]
    names = {"__name__": "__main__", "__builtins__": __builtins__}
    exec(compile(source, "program.py", "exec"), names)
    finish[0](told, token)
    finish[1](0)
supervise()
"""


@dataclass(frozen=True, kw_only=True)
class Program:
    """How a program ended."""

    passed: bool
    """Whether it ran past its last line."""
    ending: Ending
    stderr_tail: str
    seconds: float


async def run_python(sandbox: Sandbox, source: str, *, limits: Limits) -> Program:
    """Run a program in the sandbox; raises SandboxUnavailable."""
    nonce = secrets.token_hex(16)
    result = await sandbox.exec(
        ["python3", "-I", "-S", "-c", SUPERVISOR],
        stdin=nonce.encode() + b"\n" + source.encode(errors="surrogatepass"),
        limits=limits,
    )
    passed = result.ending == "ok" and result.stdout == nonce.encode()
    ending: Ending = "nonzero" if result.ending == "ok" and not passed else result.ending
    return Program(
        passed=passed,
        ending=ending,
        stderr_tail=result.stderr[-TAIL:].decode(errors="replace"),
        seconds=result.seconds,
    )
