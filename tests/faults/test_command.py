"""A whole command whose database goes away in the middle: every sample is stored, and once."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from assay.store.store import Store
from tests.e2e.conftest import ASSAY, environment, run_assay
from tests.e2e.digits import write_digits
from tests.endpoint import Endpoint
from tests.faults.conftest import until
from tests.postgres import restart

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
QUESTIONS = 1200
"""More than two shards, so that some are stored before, some while and some after it is away."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    run_assay("down", home=tmp_path / "home")


async def test_a_database_lost_for_half_a_minute_loses_no_sample(
    endpoint: Endpoint, home: Path, tmp_path: Path, postgres_server: Path, postgres_url: str
) -> None:
    tasks = write_digits(tmp_path, count=QUESTIONS)
    asked = [
        *("run", "-m", f"openai:{endpoint.model}", "-M", f"base_url={endpoint.url}", "-M", "concurrency=8"),
        *("-t", "digits", "--tasks-dir", str(tasks), "--json"),
    ]
    running = subprocess.Popen(
        [*ASSAY, *asked], env=environment(home, ASSAY_DB_URL=postgres_url),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        await until(lambda: endpoint.answered > QUESTIONS / 2, seconds=120)
        await asyncio.to_thread(restart, postgres_server, seconds=30.0)
        out, err = await asyncio.to_thread(running.communicate, timeout=150)
    finally:
        running.kill()
    assert running.returncode == 0, err
    run = orjson.loads(out)["runs"][0]
    assert run["status"] == "completed"
    assert run["counts"]["scored"] == run["requested"] == QUESTIONS
    assert endpoint.repeats == 0
    with Store.open(postgres_url) as store:
        assert len({sample.question_id for sample in store.samples(run["id"])}) == QUESTIONS
