"""What a local sandbox shows of this machine: system programs and this interpreter, read-only."""

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
LOADER = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
WORK = "/work"


@dataclass(frozen=True, kw_only=True)
class View:
    """Paths shown under their own names, and the symbolic links among them."""

    folders: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    """Target and path."""
    prefix: str | None
    """Where the interpreter lies, None where one of the folders holds it."""
    python: str
    """The interpreter itself, also where a virtual environment holds a copy of it."""


@cache
def view() -> View:
    """Collect what programs need: the system's folders, the loader's files and this interpreter.

    Of a virtual environment the interpreter behind it is shown, not the packages beside it.
    """
    links = tuple((str(Path(path).readlink()), path) for path in SYSTEM if Path(path).is_symlink())
    folders = [path for path in SYSTEM if Path(path).is_dir() and not Path(path).is_symlink()]
    folders += [path for path in LOADER if Path(path).exists()]
    prefix = Path(sys.base_prefix).resolve()
    python = prefix / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shown = any(prefix.is_relative_to(folder) for folder in folders)
    return View(
        folders=tuple(folders), links=links, prefix=None if shown else str(prefix), python=str(python)
    )


def environment() -> dict[str, str]:
    """Return the whole environment of a program: nothing of ours is in it."""
    return {
        "PATH": f"{os.path.dirname(view().python)}:/usr/local/bin:/usr/bin:/bin",  # noqa: PTH120 - a string
        "HOME": WORK,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
