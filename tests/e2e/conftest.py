"""Whole commands in processes of their own, with one real Prefect server for all of them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
ASSAY = [sys.executable, "-c", "from assay.cli import main; main()"]
LEFT_OUT = ("ASSAY_DB_URL", "PREFECT_API_URL", "PREFECT_HOME", "ASSAY_OWN_SERVER")


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose server all tests of this folder use."""
    home = tmp_path_factory.mktemp("shared-home")
    yield home
    run_assay("down", home=home)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {**kept, "ASSAY_HOME": str(home), **more}


def run_assay(*arguments: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ASSAY, *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def assay(shared_home: Path) -> Command:
    """Run a command to its end."""
    return lambda *arguments, **more: run_assay(*arguments, home=shared_home, **more)


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Read the one JSON object of a command that went well."""
    assert done.returncode == 0, done.stderr
    answer = orjson.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer
