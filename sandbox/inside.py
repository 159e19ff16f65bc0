"""The source of a check as one text, which any Python inside a sandbox can run."""

from functools import cache
from pathlib import Path

MODULES = ("values", "solution", "checker", "verdict")
"""What works inside the sandbox, in the order in which they import each other."""
START = """
import sys, types
sys.modules["sandbox"] = types.ModuleType("sandbox")
for name, text in {texts!r}.items():
    module = sys.modules["sandbox." + name] = types.ModuleType("sandbox." + name)
    exec(compile(text, name + ".py", "exec"), module.__dict__)
module.main()
"""


@cache
def source() -> str:
    """Return a program that reads a check from standard input and says its verdict."""
    folder = Path(__file__).parent
    return START.format(texts={name: (folder / f"{name}.py").read_text() for name in MODULES})
