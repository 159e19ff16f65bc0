"""Settings every test shares: a home of its own, no network, the folders of real data where they exist."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def assay_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what a test stores away from the user's own."""
    home = tmp_path_factory.mktemp("assay-home")
    monkeypatch.setenv("ASSAY_HOME", str(home))
    monkeypatch.delenv("ASSAY_DB_URL", raising=False)
    return home


def real_folder(variable: str, default: str) -> Path | None:
    """The folder a variable names, else the default beside the checkout; None where there is none."""
    folder = Path(os.environ.get(variable) or ROOT / default)
    return folder.resolve() if folder.is_dir() else None


@pytest.fixture
def golden_dir() -> Path:
    folder = real_folder("ASSAY_GOLDEN_DIR", "../shared/golden")
    if folder is None:
        pytest.skip("no golden outputs: set ASSAY_GOLDEN_DIR")
    return folder


@pytest.fixture
def datasets_dir(monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = real_folder("ASSAY_DATASETS_DIR", "../shared/hub")
    if folder is None:
        pytest.skip("no data mirror: set ASSAY_DATASETS_DIR")
    monkeypatch.setenv("ASSAY_DATASETS_DIR", str(folder))
    return folder
