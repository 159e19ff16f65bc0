"""Settings every test shares: a home of its own, no network, the folders of real data where they exist."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.store.contract import client

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


@pytest.fixture(scope="session")
def contracts_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One process that checks records for all tests, because loading its library takes seconds."""
    home = str(tmp_path_factory.mktemp("contracts"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", home)
        client.start()
    yield home
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", home)
        client.stop()


@pytest.fixture
def contracts_process(assay_home: Path, contracts_home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test check records in that process, and keep its own store."""
    monkeypatch.setenv("ASSAY_DB_URL", f"sqlite:///{assay_home / 'assay.db'}")
    monkeypatch.setenv("ASSAY_HOME", contracts_home)


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
