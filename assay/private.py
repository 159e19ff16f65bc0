"""Files and folders that nobody but their owner may open: the home, databases, secrets, sockets."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from assay.errors import UnsafePath

FOLDER, FILE = 0o700, 0o600
OTHERS = 0o077
REMEDY = "Remove it, or name another folder in ASSAY_HOME or TMPDIR."


def make_folder(folder: Path, *, top: Path | None = None) -> Path:
    """Make a folder, and keep others out of it and of `top`, which it lies in; raises OSError.

    What belongs to somebody else stays as it is.
    """
    for each in (top, folder) if top is not None else (folder,):
        each.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        close(each)
    return folder


def close(path: Path) -> None:
    """Take what group and others may do away from a file or folder of ours; a missing one is no error."""
    with suppress(OSError):
        status = path.stat()
        if status.st_uid == os.geteuid() and status.st_mode & OTHERS:
            path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)


def make_file(path: Path) -> None:
    """Make an empty file that only its owner may read, or close the one that is there; raises OSError."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, FILE))
    close(path)


def own_folder(folder: Path) -> Path:
    """Make a folder where anybody may make one, such as below `/tmp`; raises UnsafePath for another's.

    A symbolic link, and a folder that others own or could write to, may lead anywhere.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=FOLDER)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise UnsafePath(f"{str(folder)!r} is not a folder of yours.", remedy=REMEDY)
    close(folder)
    return folder


def read_own(path: Path) -> str:
    """Read a secret; raises FileNotFoundError, and UnsafePath where somebody else could have put it there."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnsafePath(f"{str(path)!r} cannot be read ({error.strerror}).", remedy=REMEDY) from error
    with open(opened, encoding="utf-8") as file:  # noqa: PTH123 - by descriptor
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & OTHERS:
            raise UnsafePath(f"{str(path)!r} is not yours alone.", remedy=REMEDY)
        return file.read()


def write_own(path: Path, text: str) -> None:
    """Write a file that only its owner may read, in the place of what is there; raises OSError."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    opened = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, FILE)
    with open(opened, "w", encoding="utf-8") as file:  # noqa: PTH123 - by descriptor
        file.write(text)
    part.replace(path)
