"""The package on the page about extensions, built, installed, type-checked and run as a user would."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.packaging.conftest import build, install

FILE = re.compile(r'```\w+ title="([^"]+)"\n(.*?)```', re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page, in a folder."""
    folder = tmp_path_factory.mktemp("ciphers")
    for name, text in FILE.findall((ROOT / "docs" / "extending.md").read_text()):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return folder


def bare_environment(home: Path) -> dict[str, str]:
    """This environment, without the paths of the checkout, and with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH"}}
    return kept | {"ASSAY_HOME": str(home)}


def test_package_of_extensions_is_installed_and_used(installed: Path, project: Path, tmp_path: Path) -> None:
    (tmp_path / "wheel").mkdir()
    install(build(project, tmp_path / "wheel"), installed)
    script = shutil.copy(project / "try.py", tmp_path)
    ran = subprocess.run(
        [installed, script],
        cwd=tmp_path,
        env=bare_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == (project / "output").read_text(), ran.stderr
    checked = subprocess.run(
        [installed.parent / "assay", "tasks", "check", "caesar"],
        cwd=tmp_path,
        env=bare_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_package_passes_mypy_in_strict_mode(installed: Path, project: Path) -> None:
    checked = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--explicit-package-bases",
            f"--python-executable={installed}", "assay_ciphers", "try.py",
        ],
        cwd=project,
        env=bare_environment(project),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout
