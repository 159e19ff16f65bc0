"""The main job: train, evaluate every checkpoint, compare, and be evaluated automatically."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Command, ask_server, environment, run_assay, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def demo(shared_home: Path) -> dict[str, object]:
    return told(run_assay("demo", "--json", home=shared_home))


def test_the_demo_shows_a_real_improvement_that_the_statistics_resolve(demo: dict[str, object]) -> None:
    comparison = demo["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["suite"]["verdict"] == "improved"
    assert comparison["suite"]["p"] < 0.001
    verdicts = [task["verdict"] for task in comparison["tasks"]]
    assert verdicts.count("improved") >= 2
    assert "regressed" not in verdicts


def test_every_checkpoint_was_evaluated_on_every_task(demo: dict[str, object]) -> None:
    runs = demo["runs"]
    assert isinstance(runs, list)
    assert {run["status"] for run in runs} == {"completed"}
    tasks = {run["task"] for run in runs}
    assert {"demo_words", "demo_letters", "demo_stories"} <= tasks
    assert len(runs) == 5 * len(tasks)
    for run in runs:
        counts = run["counts"]
        assert counts["expected"] == sum(counts.values()) - counts["expected"]


def test_the_page_is_there(demo: dict[str, object]) -> None:
    text = Path(str(demo["page"])).read_text()
    assert "Did it get better?" in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_runs_are_compared_by_id_and_by_checkpoint(demo: dict[str, object], assay: Command) -> None:
    runs = demo["runs"]
    assert isinstance(runs, list)
    words = [run for run in runs if run["task"] == "demo_words"]
    found = told(assay("compare", words[0]["id"], words[-1]["id"], "--json"))
    assert found["tasks"][0]["n"] == 200
    assert found["tasks"][0]["wins"] + found["tasks"][0]["losses"] + found["tasks"][0]["ties"] == 200
    suite = told(assay("compare", words[0]["checkpoint"], words[-1]["checkpoint"], "--json"))
    assert len(suite["tasks"]) == len({run["task"] for run in runs})
    markdown = assay("compare", words[0]["id"], words[-1]["id"], "--markdown")
    assert "| demo_words |" in markdown.stdout


def test_an_announced_checkpoint_is_evaluated_and_compared_unasked(
    demo: dict[str, object], assay: Command, shared_home: Path
) -> None:
    server = told(assay("up", "--json"))
    before = {run["id"]: run["started"] for run in _runs(shared_home)}
    folder = shared_home / "demo" / "checkpoints" / "step-000420"
    for _ in range(2):
        told(assay("checkpoint", "announce", str(folder), "--run", "demo", "--step", "420", "--json"))
    _wait(lambda: any(a["key"] == "comparison-demo" for a in _artifacts(str(server["url"]), shared_home)))
    after = {run["id"]: run["started"] for run in _runs(shared_home)}
    assert [id_ for id_ in after if before.get(id_) != after[id_]]
    text = next(
        a["data"] for a in _artifacts(str(server["url"]), shared_home) if a["key"] == "comparison-demo"
    )
    assert "demo@420" in text
    assert "demo@250" in text
    assert "assay compare " in text
    runs = [
        run
        for run in _deployment_runs(str(server["url"]), shared_home)
        if run["parameters"]["training_run"] == "demo"
    ]
    assert [run["name"] for run in runs] == ["demo on demo@420"]


def test_a_checkpoint_that_is_evaluated_late_is_compared_with_the_one_before_and_the_one_after(
    demo: dict[str, object], assay: Command, shared_home: Path
) -> None:
    url = str(told(assay("up", "--json"))["url"])
    folders = shared_home / "demo" / "checkpoints"
    for step in (250, 60, 110):
        folder = str(folders / f"step-{step:06d}")
        asked = ("--run", "late", "--step", str(step), "--suite", "demo_words", "--json")
        told(assay("checkpoint", "announce", folder, *asked))
        _wait(lambda step=step: f"demo_words on late@{step}" in _evaluated(url, shared_home))
    kept = {a["description"]: a["data"] for a in _versions(url, "comparison-demo-words", shared_home)}
    assert {title.partition(":")[0] for title in kept} == {
        "late@250 against late@60",
        "late@110 against late@60",
        "late@250 against late@110",
    }
    replacing = [title.partition(":")[0] for title, text in kept.items() if "Takes the place" in text]
    assert replacing == ["late@250 against late@110"]
    # The same weights are a point of the training run that they were evaluated for before.
    assert {"demo", "late"} <= _trained(shared_home, task="demo_words", step=250)


def test_what_is_announced_while_nobody_serves_is_evaluated_from_the_next_up_on(
    demo: dict[str, object], assay: Command, shared_home: Path
) -> None:
    url = str(told(assay("up", "--json"))["url"])
    stop = "from assay.prefect_server.deployments import stop_serving; assert stop_serving()"
    subprocess.run([sys.executable, "-c", stop], env=environment(shared_home), check=True, timeout=60)
    folder = str(shared_home / "demo" / "checkpoints" / "step-000060")
    announced = assay("checkpoint", "announce", folder, "--run", "waiting", "--step", "60")
    assert announced.returncode == 0, announced.stderr
    assert "It waits for `assay up`" in announced.stderr
    _wait(
        lambda: any(
            run["parameters"]["training_run"] == "waiting" for run in _deployment_runs(url, shared_home)
        )
    )
    told(assay("down", "--json"))
    assert (
        "No Prefect server answers"
        in assay("checkpoint", "announce", folder, "--run", "x", "--step", "1").stderr
    )
    again = str(told(assay("up", "--json"))["url"])
    _wait(lambda: "demo on waiting@60" in _evaluated(again, shared_home))


def _evaluated(url: str, home: Path) -> list[str]:
    return [run["name"] for run in _deployment_runs(url, home) if run["state_type"] == "COMPLETED"]


def _versions(url: str, key: str, home: Path) -> list[dict[str, Any]]:
    return [one for one in _post(f"{url}/artifacts/filter", {}, home=home) if one["key"] == key]


def _runs(home: Path) -> list[dict[str, object]]:
    with sqlite3.connect(home / "assay.db") as store:
        return [
            {"id": id_, "started": started} for id_, started in store.execute("select id, started from run")
        ]


def _trained(home: Path, *, task: str, step: int) -> set[str]:
    asked = "select training_run from run where task = ? and step = ? and status = 'completed'"
    with sqlite3.connect(home / "assay.db") as store:
        return {name for (name,) in store.execute(asked, (task, step))}


def _artifacts(url: str, home: Path) -> list[dict[str, Any]]:
    return _post(f"{url}/artifacts/latest/filter", {}, home=home)


def _deployment_runs(url: str, home: Path) -> list[dict[str, Any]]:
    return [run for run in _post(f"{url}/flow_runs/filter", {}, home=home) if run["deployment_id"]]


def _post(url: str, body: object, *, home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask_server(url, home=home, body=body)
    return found


def _wait(condition: object, *, seconds: float = 120) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)
