"""Run a program in a child and say a secret where it came to its end: the half that works in the sandbox.

Runs by itself (`python -I -c`), reading the secret's line and then the program from standard input. The
child is made before the secret is read, so that its memory never held it, and the kernel refuses to show
it this process's. It gets the program by one pipe and tells its end by another.
"""

import ctypes
import os
import sys
import types

SET_DUMPABLE = 4
TOKEN = 16


def run_program(source: int, told: int) -> None:
    """Run the program as `__main__`, then tell that its last line was passed."""
    tell, leave, token = os.write, os._exit, os.urandom(TOKEN)
    tell(told, token)
    with os.fdopen(source, "rb") as file:
        text = file.read()
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = ["program.py"]
    # Both streams go to one place, in the order of what was said.
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    exec(compile(text, "program.py", "exec"), module.__dict__)  # noqa: S102 - what the sandbox is for
    tell(told, token)
    leave(0)


def start_child() -> tuple[int, int, int]:
    """Start the child; returns its process, where its program is written and where its end is told."""
    source, program = os.pipe()
    heard, told = os.pipe()
    # A process that cannot be looked into stays so when it forks, so the child opens itself again.
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
    child = os.fork()
    if child:
        os.close(source)
        os.close(told)
        return child, program, heard
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 1, 0, 0, 0)
    os.close(program)
    os.close(heard)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    run_program(source, told)
    raise AssertionError("a program that has told its end has left")


def supervise() -> int:
    """Run the program on standard input; returns its exit code, having said the secret if it finished."""
    child, program, heard = start_child()
    secret, text = sys.stdin.buffer.readline(), sys.stdin.buffer.read()
    try:
        with os.fdopen(program, "wb") as file:
            file.write(text)
    except BrokenPipeError:
        return 1
    token = os.read(heard, TOKEN)
    _, status = os.waitpid(child, 0)
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
