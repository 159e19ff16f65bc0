"""What a local sandbox shows of this machine: system programs and this interpreter, read-only."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
WORK = "/work"
TMP_SIZE = 64 << 20


@dataclass(frozen=True)
class View:
    """Paths to show under their own names, and the symbolic links among them."""

    binds: Sequence[str]
    links: Sequence[tuple[str, str]]
    """Target and path."""
    python: str
    path: str


def view() -> View:
    """Collect what programs need: the system's folders, the loader's files and this interpreter."""
    links = [(str(Path(path).readlink()), path) for path in SYSTEM if Path(path).is_symlink()]
    binds = [path for path in SYSTEM if Path(path).is_dir() and not Path(path).is_symlink()]
    binds += [path for path in FILES if Path(path).exists()]
    python = Path(sys.executable).resolve()
    prefix = Path(sys.base_prefix).resolve()
    if not any(prefix.is_relative_to(bind) for bind in binds):
        binds.append(str(prefix))
    return View(tuple(binds), tuple(links), str(python), f"{python.parent}:/usr/bin:/bin")


def environment(seen: View) -> dict[str, str]:
    """Return the whole environment of a program: nothing of ours is in it."""
    return {
        "PATH": seen.path,
        "HOME": WORK,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
