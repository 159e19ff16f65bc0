"""Outputs on which evaluation tools have gone wrong, each with the value that a careful reader gives it."""

import asyncio
import os
from pathlib import Path

import orjson
import pytest

from harnesses.engine.engine import Engine
from harnesses.evaluation.generate import draw
from harnesses.evaluation.shards import sample_requests, shards
from harnesses.harness import load_harness
from harnesses.providers.catalog import open_provider
from harnesses.scaffolds.catalog import build_scaffold
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.questions import load
from tasks_lib.scoring import score_sample
from tasks_lib.spec import resolve_task
from tests.conftest import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

CASES = Path(os.environ.get("ASSAY_CASES_DIR") or ROOT / "../shared/cases")
SETS = sorted(file for file in CASES.glob("*.expected.json") if file.name != "endpoints.expected.json")


@pytest.mark.skipif(not SETS, reason="no cases: set ASSAY_CASES_DIR")
@pytest.mark.parametrize("file", SETS, ids=lambda file: file.name.partition(".")[0])
async def test_every_case_is_scored_rightly(file: Path) -> None:
    expected = orjson.loads(file.read_bytes())
    name = file.name.partition(".")[0]
    values = await replayed(expected["task"], CASES / f"{name}.rows.jsonl", CASES / f"{name}.jsonl")
    wrong = {
        case["name"]: f"{values[case['index']]} and not {case['right']}: {case['why']}"
        for case in expected["cases"]
        if values[case["index"]] != case["right"]
    }
    assert not wrong
    assert (len(values), sum(values.values())) == (expected["n"], expected["correct"])


async def replayed(spec: str, rows: Path, outputs: Path) -> dict[int, float]:
    """The headline value of each row, as `assay run -m replay:FILE` scores it."""
    task = resolve_task(spec, {"source": str(rows)})
    loaded = load(task)
    provider = open_provider(f"replay:{outputs}", {}).provider
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    by_id = {question.id: question for question in loaded.questions}
    items = list(sample_requests(task, loaded, shards(loaded.questions, samples=1, size=10**9)[0]))
    async with Pool(await plan(task.needs)) as pool:
        scaffold = build_scaffold(load_harness("plain"))
        samples = [sample async for sample in draw(scaffold, items, engine=engine, pool=pool)]
        scores = await asyncio.gather(
            *(score_sample(task, by_id[sample.question_id], sample, pool=pool) for sample in samples)
        )
    return {by_id[first.question_id].row or 0: first.value or 0.0 for first, *_ in scores}
