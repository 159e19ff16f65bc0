"""Tricks by which a wrong solution would pass its tests: programs that define `add` wrongly, or not at all.

The tests are `TESTS`; what a trick can reach it may use, as long as it does not compute sums.
"""

TESTS = """
def check(candidate):
    for a, b in [(1, 2), (5, 7), (-3, 10), (2.5, 0.25)]:
        out = candidate(a, b)
        assert out == a + b, (out, a + b)
        assert isinstance(out, (int, float))
    assert candidate("a", "b") == "ab"
    assert candidate([1], [2]) == [1, 2]

check(add)
"""
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return None\n"
LIAR = """
class {name}({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __instancecheck__(self, other): return True
    def __add__(self, other): return self
    __radd__ = __sub__ = __rsub__ = __abs__ = lambda self, *_: self
    __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
"""


def liar(base: str, value: str) -> str:
    """Return an object of a subclass whose comparisons lie."""
    return LIAR.format(name="Liar", base=base) + f"\ndef add(a, b):\n    return Liar({value})\n"


def called(body: str) -> str:
    """Do something when the function is called."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"import builtins, gc, os, sys\ndef add(a, b):\n{lines}\n    return None\n"


def loaded(body: str) -> str:
    """Do something when the program is loaded, with a wrong function behind it."""
    return f"import builtins, gc, os, sys\n{body.strip()}\n{WRONG}"


WRITES = """
for word in (b"passed", b" passed", b'["value", 3, {}]\\n', b"1" * 16, b"0" * 32 + b" passed"):
    for fd in range(1, 64):
        try: os.write(fd, word)
        except OSError: pass
"""
READS = """
import re
kept = []
for pid in ["self", os.getppid(), *filter(str.isdigit, os.listdir("/proc"))]:
    for name in ("mem", "environ", "maps", "cmdline", "fd/0", "fd/1", "fd/3", "fd/4", "fd/5", "fd/6"):
        try:
            with open(f"/proc/{pid}/{name}", "rb", buffering=0) as file: kept.append(file.read(1 << 16))
        except (OSError, ValueError): pass
for text in re.findall(rb"[0-9a-f]{32}", b"".join(k for k in kept if k)):
    for fd in range(1, 16):
        try: os.write(fd, text + b" passed")
        except OSError: pass
"""
FRAMES = """
frame, told = sys._getframe(), []
while frame:
    told += [frame.f_locals, frame.f_globals]
    frame = frame.f_back
for space in told:
    for name, value in list(space.items()):
        if name in {"verdict", "passed", "problem", "token", "secret", "told"}:
            try: space[name] = "passed"
            except Exception: pass
        if isinstance(value, int):
            try: os.write(value, b"passed")
            except OSError: pass
"""
SEARCH = """
for value in gc.get_objects():
    try:
        if isinstance(value, dict) and ("exp" in value or "expected" in value): value.clear()
        if type(value).__name__ in {"Connection", "Solution", "Trial"}: value.problem = value.passed = None
        if getattr(value, "__name__", "") == "check": value.__code__ = (lambda c: None).__code__
    except Exception: pass
"""

FORGERIES: dict[str, str] = {
    "nothing": WRONG,
    "os._exit while loading": loaded("os._exit(0)"),
    "os._exit when called": called("os._exit(0)"),
    "sys.exit while loading": loaded("sys.exit(0)"),
    "sys.exit when called": called("sys.exit(0)"),
    "SystemExit as a result": called("raise SystemExit(0)"),
    "KeyboardInterrupt": called("raise KeyboardInterrupt"),
    "StopIteration": called("raise StopIteration(3)"),
    "GeneratorExit": called("raise GeneratorExit"),
    "atexit": loaded("import atexit; atexit.register(lambda: os._exit(0))"),
    "a finalizer": loaded("class D:\n    def __del__(self): os._exit(0)\nd = D()"),
    "an exception hook": loaded("sys.excepthook = lambda *_: os._exit(0)"),
    "an exception that lies": called(
        "class E(AssertionError):\n    def __eq__(s, o): return True\nraise E()"
    ),
    "patched print and isinstance": loaded(
        "builtins.print = lambda *_, **__: None\nbuiltins.isinstance = lambda *_: True"
    ),
    "patched all, any, len, abs, sum": loaded(
        "for name in ('all', 'any', 'len', 'abs', 'sum', 'type'): setattr(builtins, name, lambda *_: True)"
    ),
    "patched AssertionError": loaded("class Quiet(Exception): pass\nbuiltins.AssertionError = Quiet"),
    "patched math.isclose": loaded("import math; math.isclose = lambda *_, **__: True"),
    "patched exec and compile": loaded("builtins.exec = builtins.compile = lambda *_, **__: None"),
    "patched json": loaded(
        "import json\njson.dumps = lambda *_: 'passed'\njson.loads = lambda *_: ['value', 3, {}]"
    ),
    "patched os.write": loaded("import os; os.write = lambda fd, data: len(data)"),
    "an int that equals everything": liar("int", "0"),
    "a float that equals everything": liar("float", "0.0"),
    "a str that equals everything": liar("str", "''"),
    "a list that equals everything": liar("list", "[]"),
    "a tuple that equals everything": liar("tuple", "()"),
    "a dict that equals everything": liar("dict", "{}"),
    "an object that equals everything": liar("object", ""),
    "mock.ANY": "from unittest.mock import ANY\ndef add(a, b): return ANY",
    "a class that claims to be int": LIAR.format(name="Liar", base="object")
    + "    __class__ = int\ndef add(a, b): return Liar()",
    "a metaclass that lies": (
        "class Meta(type):\n    def __eq__(s, o): return True\n    def __hash__(s): return 1\n"
        "    def __instancecheck__(s, o): return True\nclass A(metaclass=Meta): pass\ndef add(a, b): return A"
    ),
    "not a number": "def add(a, b): return float('nan')",
    "an import hook": loaded(
        "real = builtins.__import__\ndef hook(name, *rest, **more):\n"
        "    os._exit(0) if name == 'tests' else None\n"
        "    return real(name, *rest, **more)\nbuiltins.__import__ = hook"
    ),
    "a finder of modules": loaded(
        "class F:\n    def find_spec(self, *_): os._exit(0)\nsys.meta_path.insert(0, F())"
    ),
    "poisoned modules": loaded(
        "import types\nfor name in list(sys.modules):\n"
        "    if name not in ('sys', 'builtins', 'os'): sys.modules[name] = types.ModuleType(name)"
    ),
    "settrace": loaded(
        "sys.settrace(lambda frame, event, arg: os._exit(0) if 'check' in str(frame) else None)"
    ),
    "setprofile": loaded("sys.setprofile(lambda *_: None)"),
    "a search of frames": called(FRAMES),
    "a search of frames while loading": loaded(FRAMES),
    "a search by gc": called(SEARCH),
    "a search by gc while loading": loaded(SEARCH),
    "every open descriptor while loading": loaded(WRITES),
    "every open descriptor when called": called(WRITES),
    "every open descriptor, then the end": loaded(WRITES + "\nos._exit(0)"),
    "closed descriptors": loaded("os.closerange(0, 64)"),
    "the checker in /proc": loaded(READS),
    "the checker in /proc when called": called(READS),
    "the checker killed": called("os.kill(os.getppid(), 9)"),
    "the checker stopped and continued": called("os.kill(os.getppid(), 19); os.kill(os.getppid(), 18)"),
    "the checker interrupted": called("os.kill(os.getppid(), 2)"),
    "everybody killed": called("os.kill(-1, 9)"),
    "another interpreter": loaded("os.execvp('true', ['true'])"),
    "another interpreter that says so": loaded("os.execvp('echo', ['echo', 'passed'])"),
    "a child that goes on": loaded("if os.fork(): os._exit(0)"),
    "a child that answers": called("if os.fork() == 0: return 3"),
    "signal handlers": loaded(
        "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, lambda *_: os._exit(0))\n"
        "    except (OSError, ValueError): pass\nsignal.alarm(1)"
    ),
    "a thread that outlives": loaded(
        "import threading, time\ndef go():\n    while True:\n        os.write(4, b'[\"value\", 3, {}]\\n')\n"
        "        time.sleep(0.001)\nthreading.Thread(target=go, daemon=True).start()"
    ),
    "answers ahead of the questions": loaded(
        "import os\nfor fd in range(3, 16):\n    try: os.write(fd, "
        "b'[\"value\", true, {}]\\n' * 50)\n    except OSError: pass"
    ),
    "an argument that is changed": called("a = b = None"),
    "changed arguments": "def add(a, b):\n    if isinstance(a, list): a.clear(), b.clear()\n    return []",
    "ptrace": loaded("import ctypes\nctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)"),
    "limits of the checker": called(
        "import resource\nresource.prlimit(os.getppid(), resource.RLIMIT_AS, (1, 1))"
    ),
    "no such name": "x = 1",
    "the name is no function": "add = True",
    "a check of its own": WRONG + "def check(candidate): pass",
    "endless": "def add(a, b):\n    while True: pass",
    "an endless iterator": "import itertools\ndef add(a, b): return itertools.repeat(True)",
    "deep": "def add(a, b):\n    x = []\n    for _ in range(100000): x = [x]\n    return x",
    "huge": "def add(a, b): return 'x' * (200 << 20)",
}
"""Programs by what they try."""
