"""Processes share a provider's rate limit through the Prefect server."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ASSAY, Command, ask_server, environment, told

pytestmark = pytest.mark.e2e
RATE = 20
ASKED = (60, 61)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that writes down when it was asked."""
    file, times = tmp_path / "model.py", tmp_path / "times"
    times.touch()
    file.write_text(
        "import time\n\n\ndef complete(call):\n"
        f"    with open({str(times)!r}, 'a') as file:\n        file.write(f'{{time.time()}}\\n')\n"
        "    return 'x'\n"
    )
    return file


def make_limit(url: str, name: str, *, home: Path) -> None:
    body = {"name": name, "limit": RATE, "slot_decay_per_second": RATE}
    ask_server(f"{url}/v2/concurrency_limits/", home=home, body=body)


def test_two_processes_together_keep_to_the_rate(assay: Command, shared_home: Path, model: Path) -> None:
    told(assay("run", "-m", f"scripted:{model}", "-t", "demo_words", "--limit", "1", "--json"))
    make_limit(told(assay("status", "--json"))["server"]["url"], "two-processes", home=shared_home)
    arguments = ("-M", "rate_limit=two-processes", "-t", "demo_words", "--fresh", "--limit")
    running = [
        subprocess.Popen(
            [*ASSAY, "run", "-m", f"scripted:{model}", *arguments, str(limit)], env=environment(shared_home)
        )
        for limit in ASKED
    ]
    assert [one.wait(120) for one in running] == [0, 0]
    times = sorted(float(line) for line in (model.parent / "times").read_text().split())[1:]
    assert len(times) == sum(ASKED)
    # Slots fill up while nobody takes any, so the first ones, and those in hand, come at once.
    most_at_once = RATE + RATE // 2
    assert times[-1] - times[0] >= (len(times) - most_at_once) / RATE * 0.8


def test_a_limit_that_is_not_there_says_how_to_make_it(assay: Command, model: Path) -> None:
    done = assay("run", "-m", f"scripted:{model}", "-M", "rate_limit=nowhere", "-t", "demo_words")
    assert done.returncode == 2
    assert "prefect gcl create nowhere" in done.stderr
    assert "Traceback" not in done.stderr
