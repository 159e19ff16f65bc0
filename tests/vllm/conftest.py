"""Servers of the tiny model, and what transformers says of it; both live in the environment `.vllm`."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from harnesses.providers.catalog import open_provider
from harnesses.providers.vllm.keeper import members
from harnesses.providers.vllm.provider import VllmProvider
from tests.vllm.pairs import LENGTH, PAIRS

HERE = Path(__file__).parent
PYTHON = Path(os.environ.get("ASSAY_VLLM_PYTHON") or HERE.parent.parent / ".vllm" / "bin" / "python")
SETTINGS = {
    "python": str(PYTHON),
    "enforce_eager": "true",
    "max_model_len": str(LENGTH),
    "start_timeout": "500",
}
ENVIRONMENT = "VLLM_CPU_KVCACHE_SPACE=1"
TWO = f"{ENVIRONMENT} VLLM_CPU_OMP_THREADS_BIND=0|1"
"""Two workers of one machine must be told which core is whose."""
Reference = Callable[..., list[tuple[float, int, bool]]]
T = TypeVar("T")


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that `tiny_model.py` makes."""
    if not PYTHON.exists():
        if os.environ.get("REQUIRE_VLLM"):
            pytest.fail(f"REQUIRE_VLLM is set and there is no {PYTHON}")
        pytest.skip("no environment with vLLM: make vllm-env")
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run([PYTHON, HERE / "tiny_model.py", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def reference(checkpoints: Path) -> Reference:
    """What transformers alone computes for the pairs."""

    @cache
    def scores(name: str, *, dtype: str = "float32", bos: bool = True) -> list[tuple[float, int, bool]]:
        asked = json.dumps([[pair.context, pair.continuation, bos] for pair in PAIRS.values()])
        ran = subprocess.run(
            [PYTHON, HERE / "reference.py", checkpoints / name, dtype, str(LENGTH)],
            input=asked,
            capture_output=True,
            text=True,
            check=True,
        )
        return [(value, tokens, greedy) for value, tokens, greedy in json.loads(ran.stdout)]

    return scores


class Serving:
    """A provider whose server stays for several tests; each test has an event loop of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._loop = asyncio.new_event_loop()
        opened = open_provider(f"vllm:{folder}", {**SETTINGS, **settings})
        assert isinstance(opened.provider, VllmProvider)
        self.provider = opened.provider
        self.run(self.provider.ready())

    def run(self, what: Coroutine[object, object, T]) -> T:
        """Run something on its loop, which first sees what was closed while it stood still."""
        self._loop.run_until_complete(asyncio.sleep(0.01))
        return self._loop.run_until_complete(what)

    @property
    def url(self) -> str:
        """The address of its API."""
        return self.provider.urls[0]

    def close(self) -> None:
        """End the server."""
        self.run(self.provider.aclose())
        self._loop.close()


@pytest.fixture(scope="module")
def vllm_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for what lives longer than a test."""
    home = tmp_path_factory.mktemp("vllm-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", str(home))
        yield home


@pytest.fixture(scope="module")
def single(checkpoints: Path, vllm_home: Path) -> Iterator[Serving]:
    """One server, in single precision, so that its answers can be compared closely."""
    serving = Serving(checkpoints / "base", dtype="float32", env=ENVIRONMENT)
    yield serving
    serving.close()


@pytest.fixture(scope="module")
def parallel(checkpoints: Path, vllm_home: Path) -> Iterator[Serving]:
    """One server on two workers, in the precision of the weights."""
    serving = Serving(checkpoints / "base", tensor_parallel="2", env=TWO)
    yield serving
    serving.close()


def engines(home: Path) -> list[int]:
    """The processes of all servers that this home knows of."""
    return [pid for mark in (home / "run" / "vllm").glob("*.json") for pid in members(int(mark.stem))]
