"""The same machine for a user without rights: what holds for root holds for anybody."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

PYTHON = "/usr/bin/python3"
SCRIPT = """
import asyncio, os
from sandbox.backends.local import LocalBackend
from sandbox.protocol import Limits, Missing, SandboxSpec

HOARD = '''
import mmap
kept = [mmap.mmap(-1, 15 << 20) for _ in range(60)]
for piece in kept: piece.write(bytes(15 << 20))
print("held")
'''
BOMB = '''
import os, time
try:
    while True: os.fork()
except OSError: time.sleep(60)
'''
KILLER = '''
import os
for pid in -1, 1, os.getppid():
    try: os.kill(pid, 9)
    except OSError: pass
print(1)
'''

async def main():
    backend = LocalBackend(means=("namespaces",))
    found = await backend.probe()
    assert not isinstance(found, Missing), found
    box = await backend.acquire(SandboxSpec())
    python = ["python3", "-I", "-B", "-c"]
    hoard = await box.exec([*python, HOARD], limits=Limits(memory=256 << 20))
    assert b"held" not in hoard.stdout and hoard.ending != "ok", hoard
    bomb = await box.exec([*python, BOMB], limits=Limits(seconds=2))
    assert bomb.ending == "timeout", bomb
    assert (await box.exec([*python, KILLER])).stdout == b"1\\n"
    assert (await box.exec(["cat", "/etc/shadow", "/proc/1/environ"])).code == 1
    await box.close()
    print(os.getuid(), "held")

asyncio.run(main())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become an ordinary user here")
def test_hostile_programs_are_held_for_an_ordinary_user() -> None:
    if shutil.which("setpriv") is None or not Path(PYTHON).exists():
        pytest.skip("needs setpriv and the system's own Python, which an ordinary user can run")
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True, check=False
    )
    if version.stdout != b"True\n":
        pytest.skip("the system's own Python is older than 3.11")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        for package in ("sandbox", "assay"):
            (Path(place) / package).mkdir()
        shutil.copytree(ROOT / "sandbox", Path(place) / "sandbox", dirs_exist_ok=True)
        # What `assay/__init__` imports needs more packages than the system's Python has.
        for file in set(ROOT.glob("assay/*.py")) - {ROOT / "assay/__init__.py"}:
            shutil.copy(file, Path(place) / "assay")
        subprocess.run(["/bin/chmod", "-R", "a+rX", place], check=True)
        result = subprocess.run(
            ["setpriv", "--reuid=60001", "--regid=60001", "--clear-groups", PYTHON, "-c", SCRIPT],
            cwd=place,
            env={"PYTHONPATH": place, "PATH": os.environ["PATH"], "TMPDIR": "/tmp"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert result.stdout == "60001 held\n", result.stderr[-2000:]
