"""The first process of an isolated machine: runs one program after the other, each in namespaces of its own.

A program gets its own processes, mounts and IPC, an empty /tmp, /dev/shm and /proc, no capability and the
filter of system calls; only the work folder is the lease's. It can neither see nor signal the agent, and
holds no descriptor but its three streams, which come from outside with the request: what the agent reports
is the kernel's word on how the program ended, and no program can write to the socket it is reported on.
`python3 -I -c SOURCE` is run by a fork of this interpreter instead of a new one.
"""

import atexit
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
import types
from pathlib import Path
from typing import NoReturn, TypedDict

from sandbox import verdict
from sandbox.backends import kernel
from sandbox.inside import source as source_of_checks

WORK = Path("/work")
STREAMS = 3
REQUEST = 4096
NEVER_BEGUN = 999
WARM = ("python3", "-I", "-c")
CHECK = source_of_checks()
"""What is loaded already: read before this process turns to its own root."""
COMMON = ("collections", "copy", "dataclasses", "datetime", "decimal", "fractions", "functools",
          "heapq", "itertools", "math", "operator", "random", "re", "string", "subprocess",
          "typing")  # fmt: skip
"""Modules that most programs import, loaded once."""


class Program(TypedDict):
    """What is to be run, in JSON in the file that comes with the request."""

    argv: list[str]
    environment: dict[str, str]
    limits: dict[str, int]
    disk: int
    files: int
    shared_memory: int


def serve(control: int, calls: bytes) -> None:
    """Do what is asked on the socket until it is closed; raises OSError."""
    for name in COMMON:
        __import__(name)
    asked = socket.socket(fileno=control)
    _mount_memory(WORK, size=1 << 20, files=1 << 10, mode=0o755)
    os.chdir("/")
    asked.send(b"ready")
    while True:
        word, descriptors, _, _ = socket.recv_fds(asked, REQUEST, STREAMS + 1)
        if not word:
            return
        if word == b"reset":
            kernel.call("umount2", str(WORK).encode(), kernel.DETACH)
            _mount_memory(WORK, size=1 << 20, files=1 << 10, mode=0o755)
            asked.send(b"reset")
        elif word == b"run":
            with os.fdopen(descriptors[0], "rb") as file:
                program: Program = json.loads(file.read())
            code = _run(program, descriptors[1:], asked=asked, calls=calls)
            asked.send(b"%d" % code)


def _mount_memory(target: Path, *, size: int, files: int, mode: int) -> None:
    kernel.mount(
        "tmpfs",
        target,
        kind="tmpfs",
        flags=kernel.NO_SETUID | kernel.NO_DEVICES,
        data=f"size={size},nr_inodes={files},mode={mode:o}",
    )


def _run(program: Program, streams: list[int], *, asked: socket.socket, calls: bytes) -> int:
    """Run a program to its end, or until a word says to end it; returns its exit code.

    Returns `NEVER_BEGUN` where no program could be run.
    """
    try:
        data = f"size={program['disk']},nr_inodes={program['files']}"
        kernel.mount("none", WORK, kind="tmpfs", flags=kernel.REMOUNT | 6, data=data)
    except OSError:
        pass  # More lies there already than this program may add: it may add nothing.
    begun, beginning = os.pipe()
    first = kernel.fork_into(kernel.NEW_PROCESSES | kernel.NEW_MOUNTS | kernel.NEW_IPC)
    if first == 0:
        asked.close()
        os.close(begun)
        _be_first(program, streams, calls, beginning)
    for descriptor in (*streams, beginning):
        os.close(descriptor)
    handle = os.pidfd_open(first)
    try:
        while True:
            ready, _, _ = select.select([handle, asked.fileno()], [], [])
            if handle in ready:
                break
            if not asked.recv(REQUEST):
                os._exit(0)
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [])
            break
    finally:
        os.close(handle)
    code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    with os.fdopen(begun, "rb") as file:
        if not file.read():
            return NEVER_BEGUN
    return code if code >= 0 else 128 - code


def _be_first(program: Program, streams: list[int], calls: bytes, beginning: int) -> NoReturn:
    """Be the first process that the program sees: start it, reap what it leaves, end with its exit code."""
    try:
        kernel.die_with_parent()
        kernel.hide()
        for place, size in ("/tmp", program["disk"]), ("/dev/shm", program["shared_memory"]):  # noqa: S108
            _mount_memory(Path(place), size=size, files=program["files"], mode=0o1777)
        kernel.mount("proc", Path("/proc"), kind="proc", flags=kernel.NO_SETUID | kernel.NO_DEVICES)
        child = os.fork()
        if child == 0:
            _be_program(program, streams, calls)
        os.write(beginning, b"1")
        os.closerange(0, 1 << 16)
        kernel.give_up_rights(calls)
        while True:
            pid, status = os.wait()
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                os._exit(code if code >= 0 else 128 - code)
    except BaseException as error:  # noqa: BLE001 - the border of a process
        os.write(streams[2], f"sandbox: {error}\n".encode())
    finally:
        os._exit(125)


def _be_program(program: Program, streams: list[int], calls: bytes) -> NoReturn:
    """Take the program's place."""
    argv = program["argv"]
    try:
        os.setsid()
        # An agent that cannot be looked into has children like it; a program may look into itself.
        kernel.call("prctl", kernel.DUMPABLE, 1, 0, 0, 0)
        Path("/proc/self/oom_score_adj").write_text("1000")
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(STREAMS, 1 << 16)
        os.chdir(WORK)
        os.environ.clear()
        os.environ.update(program["environment"])
        kernel.set_limits(program["limits"])
        kernel.give_up_rights(calls)
        if tuple(argv[:3]) == WARM and len(argv) == 4:
            _run_source(argv[3])
        os.execvp(argv[0], argv)  # noqa: S606 - the program to be run
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _run_source(source: str) -> NoReturn:
    """Run a program in this interpreter, as `python3 -I -c` does."""
    if source == CHECK:
        verdict.main()
    for name in [name for name in sys.modules if name.partition(".")[0] == "sandbox"]:
        del sys.modules[name]
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = module
    sys.argv = ["-c"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 0
    try:
        exec(compile(source, "<string>", "exec"), module.__dict__)  # noqa: S102 - what the sandbox is for
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException as error:  # noqa: BLE001 - the border of a process
        code = 1
        _print_error(error)
    _leave(code)


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 255
    print(end.code, file=sys.stderr)
    return 1


def _print_error(error: BaseException) -> None:
    inner = error.__traceback__.tb_next if error.__traceback__ else None
    try:
        sys.excepthook(type(error), error.with_traceback(inner), inner)
    except BaseException:  # noqa: BLE001 - a program's own hook
        traceback.print_exc()


def _leave(code: int) -> NoReturn:
    """End as an interpreter ends: other threads first, then what was registered, then what was printed."""
    leave = os._exit
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - a program's own streams
        code = code or 120
    leave(code)
