"""The command line that runs a program under bubblewrap.

https://github.com/containers/bubblewrap. Run by root, bubblewrap would leave the sandbox's files root's
and its processes uncounted (the kernel limits no process of user 0), so root becomes nobody first; and
since nobody may not reach an interpreter in root's home, that is first shown where nobody can.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.backends.folder import NOBODY, WorkFolder
from sandbox.backends.view import WORK, View, view
from sandbox.limits import rlimits
from sandbox.protocol import Limits

SHARED_MEMORY = 1 << 20
STAGE = 'mount="$1" from="$2" to="$3"; shift 3; "$mount" --bind "$from" "$to" && exec "$@"'
TOOLS = ("bwrap", "prlimit")
ROOT_TOOLS = ("unshare", "mount", "setpriv")


def missing_tools(*, as_root: bool) -> list[str]:
    """Return which of the programs it takes are not installed."""
    needed = TOOLS + ROOT_TOOLS if as_root else TOOLS
    return [tool for tool in needed if shutil.which(tool) is None]


def bubblewrap(
    argv: Sequence[str],
    *,
    folder: WorkFolder,
    user: int | None,
    variables: Mapping[str, str],
    limits: Limits,
    status: int,
    calls: int,
) -> list[str]:
    """Return the command; `status` and `calls` are descriptors, of the report and the call filter."""
    seen = view()
    staged = user is not None and seen.prefix is not None
    prefix = str(folder.prefix) if staged else seen.prefix
    command = [
        _path("bwrap"), "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
        "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        "--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox", "--clearenv",
        "--json-status-fd", str(status), "--seccomp", str(calls),
    ]  # fmt: skip
    for name, value in variables.items():
        command += ["--setenv", name, value]
    command += _mounts(seen, prefix, folder.work, limits)
    command += [_path("prlimit"), *_options(limits), "--", *argv]
    if user is None:
        return command
    command = [_path("setpriv"), f"--reuid={user}", f"--regid={user}", "--clear-groups", "--", *command]
    if not staged:
        return command
    stage = ["/bin/sh", "-c", STAGE, "sh", _path("mount"), str(seen.prefix), str(folder.prefix)]
    return [_path("unshare"), "--mount", "--propagation", "private", "--", *stage, *command]


def _mounts(seen: View, prefix: str | None, work: Path, limits: Limits) -> list[str]:
    options = []
    for target, path in seen.links:
        options += ["--symlink", target, path]
    for path in seen.folders:
        options += ["--ro-bind", path, path]
    if prefix is not None:
        options += ["--ro-bind", prefix, str(seen.prefix)]
    return [
        *options, "--proc", "/proc", "--dev", "/dev", "--size", str(limits.disk), "--tmpfs", "/tmp",  # noqa: S108
        "--size", str(SHARED_MEMORY), "--tmpfs", "/dev/shm", "--bind", str(work), WORK,  # noqa: S108
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK, "--",
    ]  # fmt: skip


def _options(limits: Limits) -> list[str]:
    return [f"--{name.lower()}={value}" for name, value in rlimits(limits, processes=True).items()]


def _path(tool: str) -> str:
    """Return where a tool lies: its own environment will be empty."""
    return shutil.which(tool) or tool
