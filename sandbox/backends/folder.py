"""The work folder of one lease, as this side sees it: what a program left there is not to be trusted."""

import errno
import fcntl
import math
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from time import time

from assay.errors import SandboxError
from sandbox.backends.view import WORK

PREFIX = "assay-sandbox-"
NEW = 60.0
"""Seconds in which a folder is made and locked."""
NOBODY = 65534
BLOCK = 512
"""Bytes of what `st_blocks` counts."""


class WorkFolder:
    """A folder of the machine that is a program's `/work`; `user` is who owns what lies in it."""

    def __init__(self, *, user: int | None) -> None:
        self._user = user
        self.home = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.work = self.home / "work"
        self.root = self.home / "root"
        """Where a sandbox's own root may be put together."""
        self.prefix = self.home / "prefix"
        """Where the interpreter may be shown to a user who cannot reach its own place."""
        for folder in (self.work, self.root, self.prefix):
            folder.mkdir()
            self._give(folder)
        self._give(self.home)
        self._lock: int | None = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a file; raises SandboxError where there is none, or none that is plain and small enough."""
        try:
            # A pipe that a program left would keep its reader waiting for ever.
            opened = os.open(self._find(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            with open(opened, "rb") as file:  # noqa: PTH123 - by descriptor
                if not stat.S_ISREG(os.fstat(opened).st_mode):
                    raise SandboxError(f"{path!r} is not a plain file.")
                data = file.read(limit + 1)
        except OSError as error:
            raise SandboxError(f"The file {path!r} cannot be read: {error.strerror}.") from error
        if len(data) > limit:
            raise SandboxError(f"The file {path!r} is larger than {limit:,} bytes.")
        return data

    def write(self, path: str, data: bytes) -> None:
        """Write a file, making its folders; raises SandboxError."""
        file = self._find(path)
        try:
            missing = [folder for folder in file.parents if not folder.exists()]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            for made in (file, *missing):
                self._give(made)
        except OSError as error:
            raise SandboxError(f"The file {path!r} cannot be written: {error.strerror}.") from error

    def usage(self) -> tuple[float, float]:
        """Return how many bytes of disk its files take, and how many files, folders and links there are.

        Both are infinite where folders lie too deep to look into.
        """
        total, count, folders = 0, 0, [str(self.work)]
        while folders:
            try:
                with os.scandir(folders.pop()) as entries:
                    for entry in entries:
                        count += 1
                        folders += [entry.path] if entry.is_dir(follow_symlinks=False) else []
                        total += entry.stat(follow_symlinks=False).st_blocks * BLOCK
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return math.inf, math.inf
        return total, count

    def empty(self) -> None:
        """Remove what lies in it."""
        remove(self.work)
        self.work.mkdir()
        self._give(self.work)

    def remove(self) -> None:
        """Remove it; may be called twice."""
        remove(self.home)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _give(self, path: Path) -> None:
        if self._user is not None:
            os.chown(path, self._user, self._user)

    def _find(self, path: str) -> Path:
        """Find a path in the folder, following no link out of it; raises SandboxError."""
        inner = Path(path)
        relative = inner.relative_to(WORK) if inner.is_relative_to(WORK) else inner
        try:
            file = (self.work / relative).resolve()
        except (OSError, RuntimeError) as error:
            raise SandboxError(f"{path!r} is a link that leads nowhere.") from error
        if not file.is_relative_to(self.work.resolve()):
            raise SandboxError(f"{path!r} lies outside the sandbox.", remedy=f"Name a path below {WORK}.")
        return file


def remove(folder: Path) -> None:
    """Remove a folder, however deep it is and whatever it forbids; raises SandboxError."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        # Python's own way gives up a thousand folders down, and where a folder may not be read.
        for command in (["/bin/chmod", "-R", "u+rwx"], ["/bin/rm", "-rf"]):
            subprocess.run([*command, "--", folder], check=False, capture_output=True)  # noqa: S603
    if folder.exists():
        raise SandboxError(f"The folder {str(folder)!r} cannot be removed.", remedy="Remove it by hand.")


def remove_stale() -> int:
    """Remove work folders that runs which died have left; returns how many."""
    old = [path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_stale(path)]
    for path in old:
        remove(path)
    return len(old)


def _is_stale(path: Path) -> bool:
    """Say whether nobody holds the folder any more: a lock ends with its process."""
    try:
        if time() - path.lstat().st_mtime < NEW:
            return False
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(opened)
    return True
