"""Files of a sandbox, read and written by programs in it, so that no link or name leads out of it."""

from pathlib import PurePosixPath

from assay.errors import SandboxError
from sandbox.backends.view import WORK
from sandbox.protocol import Limits, Sandbox

SECONDS = 30.0
PLAIN = (
    f'case "$(cd -P "${{1%/*}}" 2>/dev/null && pwd -P)/" in {WORK}/*) ;; *) exit 3;; esac; '
    '[ -L "$1" ] && exit 4'
)
"""Leaves where a file is a link, or its folder, links followed, is not below the work folder."""
READ = f'{PLAIN}; [ -e "$1" ] || exit 3; [ -f "$1" ] || exit 4; head -c "$2" < "$1" || exit 5'
WRITE = f'mkdir -p "$2" || exit; {PLAIN}; cat > "$1"'
PROBLEMS = {
    3: "No such file or directory",
    4: "it is not a plain file",
    5: "it may not be read",
}


async def read_file(sandbox: Sandbox, path: str, *, limit: int) -> bytes:
    """Read a file below the work folder; raises SandboxError where that cannot be, or it is larger."""
    limits = Limits(seconds=SECONDS, output=limit + 4096)
    result = await sandbox.exec(["sh", "-c", READ, "sh", _inner(path), str(limit + 1)], limits=limits)
    if result.ending != "ok":
        problem = PROBLEMS.get(result.code or 0, f"ended with {result.ending}")
        raise SandboxError(f"The file {path!r} cannot be read: {problem}.")
    if len(result.stdout) > limit:
        raise SandboxError(f"The file {path!r} is larger than {limit:,} bytes.")
    return result.stdout


async def write_file(sandbox: Sandbox, path: str, data: bytes) -> None:
    """Write a file below the work folder, making its folders; raises SandboxError."""
    limits = Limits(seconds=SECONDS, file_size=max(Limits().file_size, len(data)))
    inner = _inner(path)
    command = ["sh", "-c", WRITE, "sh", inner, str(PurePosixPath(inner).parent)]
    result = await sandbox.exec(command, stdin=data, limits=limits)
    if result.ending != "ok":
        problem = result.stderr.decode(errors="replace").strip()[-200:] or f"ended with {result.ending}"
        raise SandboxError(f"The file {path!r} cannot be written: {problem}.")


def _inner(path: str) -> str:
    """Return the absolute path; raises SandboxError where it does not lie below the work folder."""
    inner = PurePosixPath(WORK, path)
    if "\0" in path or ".." in inner.parts or not inner.is_relative_to(WORK) or str(inner) == WORK:
        raise SandboxError(f"{path!r} lies outside the sandbox.", remedy=f"Name a path below {WORK}.")
    return str(inner)
