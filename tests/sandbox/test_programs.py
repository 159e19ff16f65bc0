"""Only a program that ran past its last line passes."""

import inspect
import os

import pytest

from sandbox.programs import run_python
from sandbox.protocol import Limits, Sandbox

pytestmark = pytest.mark.anyio
SHORT = Limits(seconds=20)

HONEST = {
    "empty": "",
    "assertion": "def add(a, b): return a + b\nassert add(1, 2) == 3",
    "prints": "print('x' * 100); import sys; print('y', file=sys.stderr)",
    "main guard": "if __name__ == '__main__': input()\nassert __name__ not in ('__main__', '__mp_main__')",
    "prints much": "print('x' * (3 << 20)); import sys; print('y' * (3 << 20), file=sys.stderr)",
    "prints unasked": "import os; os.write(1, b'x' * (2 << 20))",
    "child left behind": "import subprocess\nsubprocess.Popen(['sleep', '600'])",
    "pickled": "import pickle\nclass A: pass\nassert isinstance(pickle.loads(pickle.dumps(A())), A)",
    "dataclass": (
        "from __future__ import annotations\nfrom dataclasses import dataclass\nimport typing\n"
        "@dataclass\nclass A:\n    x: int\nassert typing.get_type_hints(A) == {'x': int}"
    ),
    "exit is a name": "assert callable(exit) and callable(quit)",
    "no input": "try: input()\nexcept EOFError: pass",
    "children": (
        "from multiprocessing import get_context\nwith get_context('fork').Pool(2) as pool:\n"
        "    assert pool.map(abs, [-1, -2]) == [1, 2]"
    ),
    "threads": "import threading\nt = threading.Thread(target=print)\nt.start(); t.join()",
    "caught exit": "import sys\ntry: sys.exit(0)\nexcept SystemExit: pass",
    "unicode": "assert len('żółw 🐢') == 6",
    "own memory": "assert open('/proc/self/maps').read()",
}
GUESS = """
import os
for fd in range({first}, 20):
    try: os.write(fd, b"0" * {length})
    except OSError: pass
os._exit(0)
"""
DISHONEST = {
    "assertion": "assert 1 == 2",
    "syntax": "def f(:",
    "null byte": "x = '\0'",
    "surrogate": "x = '\ud800'\nassert False",
    "os._exit": "import os\nos._exit(0)\nassert False",
    "sys.exit": "import sys\nsys.exit(0)\nassert False",
    "exit": "exit(0)\nassert False",
    "quiet exit": "raise SystemExit",
    "atexit": "import atexit, os\natexit.register(lambda: os._exit(0))\nassert False",
    "excepthook": "import os, sys\nsys.excepthook = lambda *_: os._exit(0)\nassert False",
    "killed": "import os\nos.kill(os.getpid(), 9)",
    "killed parent": "import os\nos.kill(os.getppid(), 9)\nos._exit(0)",
    "guess": GUESS.format(first=1, length=32),
    "guessed token": GUESS.format(first=3, length=16),
    "no descriptors": "import os\nos.closerange(0, 99)\nos._exit(0)",
    "patched print": "import builtins, os\nbuiltins.print = os.write = lambda *a: 0\nos._exit(0)",
    "patched exit": "import os, sys\nos._exit = sys.exit = lambda code: None\nassert False",
    "left by a child": "import os\nif os.fork(): os._exit(1)",
    "executes another": "import os\nos.execvp('true', ['true'])",
    "leaves from a thread": (
        "import os, threading\nthreading.Timer(0, os._exit, [0]).start()\nwhile True: pass"
    ),
}


@pytest.mark.parametrize("name", HONEST)
async def test_program_that_ends_passes(any_box: Sandbox, name: str) -> None:
    program = await run_python(any_box, HONEST[name], limits=SHORT)
    assert (program.passed, program.ending) == (True, "ok"), program.stderr_tail


@pytest.mark.parametrize("name", DISHONEST)
async def test_program_that_does_not_end_does_not_pass(any_box: Sandbox, name: str) -> None:
    program = await run_python(any_box, DISHONEST[name], limits=SHORT)
    assert not program.passed
    assert program.ending in {"nonzero", "killed"}


@pytest.mark.parametrize("place", ["mem", "fd/0", "fd/1", "environ", "maps"])
async def test_supervisor_cannot_be_looked_into(box: Sandbox, place: str) -> None:
    source = f"import os\nopen(f'/proc/{{os.getppid()}}/{place}', 'rb').read()"
    program = await run_python(box, source, limits=SHORT)
    assert not program.passed
    assert "PermissionError" in program.stderr_tail


async def test_secret_is_not_in_the_memory_of_the_program(box: Sandbox) -> None:
    source = r"""
import re
found = []
for line in open("/proc/self/maps"):
    low, high = (int(end, 16) for end in line.split()[0].split("-"))
    if " rw" not in line: continue
    with open("/proc/self/mem", "rb") as memory:
        try:
            memory.seek(low)
            text = memory.read(high - low)
        except (OSError, OverflowError, ValueError):
            continue
    found += re.findall(rb"(?<![0-9a-f])[0-9a-f]{32}\n", text)
print("found", len(found))
"""
    program = await run_python(box, source, limits=SHORT)
    assert program.passed
    assert program.stderr_tail == "found 0\n"


async def test_tail_holds_what_was_printed_and_the_traceback(box: Sandbox) -> None:
    program = await run_python(box, "print('out')\nraise ValueError('why')", limits=SHORT)
    assert "out" in program.stderr_tail
    assert program.stderr_tail.endswith("ValueError: why\n")
    assert len((await run_python(box, "print('x' * 9999)", limits=SHORT)).stderr_tail) == 2000


async def test_endless_program_times_out(any_box: Sandbox) -> None:
    program = await run_python(any_box, "while True: pass", limits=Limits(seconds=1))
    assert (program.passed, program.ending) == (False, "timeout")
    assert 1 <= program.seconds < 10


async def test_frames_show_what_the_documentation_admits(box: Sandbox) -> None:
    source = inspect.cleandoc("""
        import os, sys
        frame = sys._getframe()
        while "token" not in frame.f_locals:
            frame = frame.f_back
        os.write(frame.f_locals["told"], frame.f_locals["token"])
        os._exit(0)
        assert False
    """)
    assert (await run_python(box, source, limits=SHORT)).passed, "say less in sandbox/programs.py"


async def test_environment_is_not_ours(any_box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "swordfish")
    source = "import os\nassert 'SOME_API_KEY' not in os.environ"
    assert os.environ["SOME_API_KEY"]
    assert (await run_python(any_box, source, limits=SHORT)).passed
