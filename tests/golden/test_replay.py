"""Saved outputs of real models must get their official scores; sets are found by their `expected.json`."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from assay.records import Score
from harnesses.draw import draw
from harnesses.engine import Engine
from harnesses.harness import load_harness
from harnesses.providers.catalog import open_provider
from harnesses.work import shards, works
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.questions import load
from tasks_lib.scoring import score_sample
from tasks_lib.spec import resolve_task
from tasks_lib.summary import summarise
from tests.conftest import ROOT

pytestmark = [pytest.mark.golden, pytest.mark.anyio]

GOLDEN = Path(os.environ.get("ASSAY_GOLDEN_DIR") or ROOT / "../shared/golden")
SETS = sorted(file.parent for file in GOLDEN.glob("*/expected.json"))
GSM8K = "openai/gsm8k:main:test"


def specs(expected: dict[str, Any], folder: Path) -> list[tuple[str, str, dict[str, str]]]:
    """Task, outputs and options that score a set; none for a kind that has no task yet."""
    task = str(expected["task"])
    if task == GSM8K:
        found = [("gsm8k", expected["outputs"], {})]
        if "outputs_marker" in expected:
            found.append(("gsm8k:openai", expected["outputs_marker"], {}))
        return found
    if "human-eval" in task or "openai_humaneval" in task:
        outputs = [orjson.loads(line) for line in (folder / expected["outputs"]).read_bytes().splitlines()]
        options = {"samples": str(max(len(row["outputs"]) for row in outputs))}
        if "problem" in expected:
            options["source"] = str(folder / expected["problem"])
        return [("humaneval", expected["outputs"], options)]
    return []


@pytest.mark.skipif(not SETS, reason="no golden outputs: set ASSAY_GOLDEN_DIR")
@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
async def test_saved_outputs_get_their_official_score(folder: Path, datasets_dir: Path) -> None:
    expected = orjson.loads((folder / "expected.json").read_bytes())
    found = specs(expected, folder)
    if not found:
        pytest.skip(f"no task for {expected['task']} yet")
    for spec, outputs, options in found:
        metrics, scores = await replayed(spec, folder / outputs, options)
        assert metrics[expected["metric"]].value == pytest.approx(
            expected["value"], abs=expected["tolerance"]
        )
        assert metrics[expected["metric"]].n == expected["n"]
        check_questions(expected, folder, scores)


async def replayed(spec: str, outputs: Path, options: dict[str, str]) -> tuple[dict[str, Any], list[Score]]:
    task = resolve_task(spec, options)
    loaded = load(task)
    provider = open_provider(f"replay:{outputs}", {}).provider
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    questions = {q.id: q for q in loaded.questions}
    shard = shards(loaded.questions, samples=task.samples, size=10**9)[0]
    async with Pool(await plan(task.needs)) as pool:
        todo = works(task, loaded, shard)
        samples = [s async for s in draw(todo, harness=load_harness("plain"), engine=engine, pool=pool)]
        scored = await asyncio.gather(
            *(score_sample(task, questions[s.question_id], s, pool=pool) for s in samples)
        )
    scores = [score for some in scored for score in some]
    metrics, counts = summarise(task, loaded.questions, scores, expected=len(samples))
    assert counts.failed == 0
    return metrics, scores


def check_questions(expected: dict[str, Any], folder: Path, scores: list[Score]) -> None:
    """Compare the number of right answers with the verdicts of the set."""
    if not expected.get("per_question"):
        return
    file = folder / expected["per_question"]
    if file.suffix == ".gz" or not file.is_file():
        return
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    passes = sum(row.get("passes", str(int(row["correct"]))).count("1") for row in rows)
    assert Counter(score.value for score in scores)[1.0] == passes
