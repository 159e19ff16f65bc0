"""Make an image of this interpreter and a few tools, without a registry and without a network.

`python -m tests.sandbox.conformance.image OUT.tar` writes its root file system; with a name behind it, the
Docker engine of `DOCKER_HOST` gets it under that name.
"""

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import docker

TOOLS = ("bash", "cat", "head", "id", "ln", "ls", "mkdir", "mkfifo", "rm", "sh", "sleep", "timeout", "true",
         "wc", "yes")  # fmt: skip
LEFT_OUT = {"test", "tests", "site-packages", "idlelib", "tkinter", "ensurepip", "lib2to3"}
FOLDERS = {"tmp": 0o1777, "work": 0o1777, "proc": 0o755, "dev": 0o755, "etc": 0o755, "sys": 0o755}
USERS = b"root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/work:/bin/sh\n"


def libraries(files: list[Path]) -> set[Path]:
    """What the loader takes to run some programs and modules."""
    listed = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False).stdout
    words = {word for line in listed.splitlines() if line.startswith("\t") for word in line.split()}
    return {Path(word) for word in words if word.startswith("/") and Path(word).exists()}


def write_image(target: Path) -> None:
    """Write the file system."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefix = Path(sys.base_prefix).resolve()
    python = prefix / "bin" / version
    modules = sorted(prefix.joinpath("lib", version, "lib-dynload").glob("*.so"))
    tools = {tool: Path(path) for tool in TOOLS if (path := shutil.which(tool))}
    with tarfile.open(target, "w", dereference=True) as tar:
        for name, mode in FOLDERS.items():
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            tar.addfile(folder)
        users = tarfile.TarInfo("etc/passwd")
        users.size = len(USERS)
        tar.addfile(users, io.BytesIO(USERS))
        tar.add(python, f"usr/bin/{version}")
        tar.add(python, "usr/bin/python3")
        # With what is compiled: a root that is read-only would compile it at every start.
        tar.add(prefix / "lib" / version, f"usr/lib/{version}", filter=_kept)
        for name, path in tools.items():
            tar.add(path, f"bin/{name}")
        gcc = list(Path("/lib").glob("*-linux-gnu/libgcc_s.so.1"))
        for library in sorted({*libraries([python, *modules, *tools.values()]), *gcc}):
            tar.add(library, str(library).lstrip("/"))


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = set(Path(entry.name).parts)
    return None if parts & LEFT_OUT or any(part.startswith("config-") for part in parts) else entry


if __name__ == "__main__":
    write_image(Path(sys.argv[1]))
    for name in sys.argv[2:]:
        repository, _, tag = name.partition(":")
        docker.from_env().api.import_image_from_file(sys.argv[1], repository=repository, tag=tag)
