"""Run a program in a child and say a secret where it came to its end: the half that works in the sandbox.

Runs by itself (`python -I -c`), reading the secret's line and then the program from standard input. The
child is made before the secret is read, so that its memory never held it, and the kernel refuses to show
it this process's. It gets the program by one pipe and tells its end by another.
"""

import ctypes
import os
import select
import sys
import types

SET_DUMPABLE = 4
TOKEN = 16
CHUNK = 1 << 16
SHOWN = 1 << 16
"""Bytes of what a program prints that are passed on as they come; of the rest only the end."""
TAIL = 4096
GLANCE = 50
"""Milliseconds between two looks whether the child has ended whose own children still hold its output."""


def run_program(source: int, told: int) -> None:
    """Run the program, not as `__main__`, then tell that its last line was passed.

    The evaluators of HumanEval and MBPP execute it so: what a guard of `__main__` holds does not run.
    """
    tell, leave, token = os.write, os._exit, os.urandom(TOKEN)
    tell(told, token)
    with os.fdopen(source, "rb") as file:
        text = file.read()
    module = types.ModuleType("program")
    sys.modules["program"] = sys.modules["__main__"] = module
    sys.argv = ["program.py"]
    # Both streams go to one place, in the order of what was said.
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    exec(compile(text, "program.py", "exec"), module.__dict__)  # noqa: S102 - what the sandbox is for
    tell(told, token)
    leave(0)


def start_child() -> tuple[int, int, int, int]:
    """Start the child; returns its process, where its program goes, and whence its end and output come."""
    source, program = os.pipe()
    heard, told = os.pipe()
    output, printed = os.pipe()
    # A process that cannot be looked into stays so when it forks, so the child opens itself again.
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
    child = os.fork()
    if child:
        os.close(source)
        os.close(told)
        os.close(printed)
        return child, program, heard, output
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 1, 0, 0, 0)
    os.close(program)
    os.close(heard)
    os.close(output)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(printed)
    run_program(source, told)
    raise AssertionError("a program that has told its end has left")


def swallow(child: int, output: int) -> int:
    """Read what the child prints until it ends, showing the beginning and the end; returns its status."""
    shown, tail = 0, b""
    waiting = select.poll()
    waiting.register(output, select.POLLIN)
    status = None
    while True:
        if waiting.poll(GLANCE if status is None else 0):
            chunk = os.read(output, CHUNK)
            room = SHOWN - shown
            shown += os.write(2, chunk[:room]) if room else 0
            tail = (tail + chunk[room:])[-TAIL:]
            if not chunk:
                break
        elif status is not None:
            break
        if status is None:
            ended, status_now = os.waitpid(child, os.WNOHANG)
            status = status_now if ended else None
    if tail:
        os.write(2, tail)
    return os.waitpid(child, 0)[1] if status is None else status


def supervise() -> int:
    """Run the program on standard input; returns its exit code, having said the secret if it finished."""
    child, program, heard, output = start_child()
    secret, text = sys.stdin.buffer.readline(), sys.stdin.buffer.read()
    try:
        with os.fdopen(program, "wb") as file:
            file.write(text)
    except BrokenPipeError:
        return 1
    token = os.read(heard, TOKEN)
    status = swallow(child, output)
    os.set_blocking(heard, False)
    try:
        finished = os.read(heard, 4 * TOKEN) == token
    except BlockingIOError:
        finished = False
    code = os.waitstatus_to_exitcode(status)
    if finished and code == 0:
        os.write(1, secret.strip())
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(supervise())
