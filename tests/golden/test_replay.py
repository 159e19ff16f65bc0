"""Saved outputs of real models must get their official scores; sets are found by their `expected.json`."""

import asyncio
import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from assay.records import Counts, MetricSummary, Question, Score
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
from tasks_lib.summary import summarise
from tests.conftest import ROOT

pytestmark = [pytest.mark.golden, pytest.mark.anyio, pytest.mark.timeout(1800)]

GOLDEN = Path(os.environ.get("ASSAY_GOLDEN_DIR") or ROOT / "../shared/golden")
SETS = sorted(file.parent for file in GOLDEN.glob("*/expected.json"))
TASKS = {
    "openai/gsm8k": "gsm8k",
    "rajpurkar/squad": "squad",
    "google-research-datasets/nq_open": "nq_open",
    "TIGER-Lab/MMLU-Pro": "mmlu_pro:level1",
    "openai/openai_humaneval": "humaneval",
    "human-eval": "humaneval",
    "evalplus/humanevalplus": "humanevalplus",
    "evalplus/mbppplus": "mbppplus",
}
"""Tasks by the data set that stands first in a set's `task`."""
SLOW = {"humanevalplus", "mbppplus"}
"""Minutes of programs: replayed where ASSAY_GOLDEN_SLOW is set."""
ELSEWHERE = {
    "bbh_code-davinci-002_direct": "27 tasks: see test_bbh.py",
    "ifeval_gpt4_rows_0-269": "two questions left out, verdicts by instruction: see test_ifeval.py",
}
"""Sets that one task cannot replay."""
METRICS = {"pass@1_plus": "pass@1"}
"""Our names of metrics that a set calls otherwise."""
Row = dict[str, Any]


class Case(NamedTuple):
    """A task that scores some outputs of a set."""

    spec: str
    outputs: Path
    options: dict[str, str]


class Replayed(NamedTuple):
    """What the outputs scored, by metric and question by question."""

    metrics: dict[str, MetricSummary]
    counts: Counts
    questions: Sequence[Question]
    scores: Sequence[Score]


def read(file: Path) -> list[Row]:
    content = file.read_bytes()
    text = gzip.decompress(content) if file.suffix == ".gz" else content
    return [orjson.loads(line) for line in text.splitlines() if line.strip()]


def cases(expected: Row, folder: Path) -> list[Case]:
    """What scores a set; nothing for a kind that has no task."""
    task = TASKS.get(str(expected["task"]).replace(" ", ":").partition(":")[0])
    if task is None or not expected.get("outputs"):
        return []
    outputs = folder / expected["outputs"]
    drawn = max(len(row["outputs"]) for row in read(outputs))
    options = {"shots": "0", "samples": str(max(drawn, 1))}
    if "problem" in expected:
        options["source"] = str(folder / expected["problem"])
    found = [Case(task, outputs, options)]
    if task == "gsm8k" and "outputs_marker" in expected:
        found.append(Case("gsm8k:openai", folder / expected["outputs_marker"], options))
    return found


def reason(expected: Row, found: Sequence[Case]) -> str | None:
    """Why a set is not replayed; None where it is."""
    if expected["set"] in ELSEWHERE:
        return ELSEWHERE[expected["set"]]
    if not expected.get("outputs"):
        return "cases of a metric, not outputs of a model"
    if not found:
        return f"no task for {expected['task']} yet"
    if found[0].spec in SLOW and not os.environ.get("ASSAY_GOLDEN_SLOW"):
        return "minutes of programs, under one time limit where there are many: set ASSAY_GOLDEN_SLOW=1"
    known = [metric.name for metric in resolve_task(found[0].spec, {}).metrics]
    if expected["metric"] not in known:
        return f"{found[0].spec} has {', '.join(known)} and not {expected['metric']}"
    return None


@pytest.mark.skipif(not SETS, reason="no golden outputs: set ASSAY_GOLDEN_DIR")
@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
async def test_saved_outputs_get_their_official_score(folder: Path, datasets_dir: Path) -> None:
    expected = orjson.loads((folder / "expected.json").read_bytes())
    expected["metric"] = METRICS.get(expected["metric"], expected["metric"])
    found = cases(expected, folder)
    if why := reason(expected, found):
        pytest.skip(why)
    for case in found:
        replayed = await replay(case)
        headline = replayed.metrics[expected["metric"]]
        assert headline.value == pytest.approx(expected["value"], abs=expected["tolerance"])
        assert headline.n == expected["n"]
        check_metrics(expected, replayed)
        check_questions(expected, folder, replayed)


@pytest.mark.skipif(not SETS, reason="no golden outputs: set ASSAY_GOLDEN_DIR")
async def test_all_levels_of_mmlu_pro_get_what_its_program_gives(datasets_dir: Path) -> None:
    folder = GOLDEN / "mmlu_pro_yi-34b"
    expected = orjson.loads((folder / "expected.json").read_bytes())
    replayed = await replay(Case("mmlu_pro", folder / expected["outputs"], {"shots": "0"}))
    correct = sum(score.value == 1 for score in replayed.scores)
    assert correct == expected["metrics"]["correct_level2"]


async def replay(case: Case) -> Replayed:
    """Score the questions that the file has a line for, as `assay run -m replay:FILE` does."""
    task = resolve_task(case.spec, case.options)
    loaded = load(task)
    questions = asked(loaded.questions, read(case.outputs))
    provider = open_provider(f"replay:{case.outputs}", {}).provider
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    by_id = {question.id: question for question in questions}
    shard = shards(questions, samples=task.samples, size=10**9)[0]
    async with Pool(await plan(task.needs)) as pool:
        items = list(sample_requests(task, loaded, shard))
        scaffold = build_scaffold(load_harness("plain"))
        samples = [sample async for sample in draw(scaffold, items, engine=engine, pool=pool)]
        scored = await asyncio.gather(
            *(score_sample(task, by_id[s.question_id], s, pool=pool) for s in samples)
        )
    scores = [score for some in scored for score in some]
    metrics, counts = summarise(task, questions, scores, expected=len(samples))
    assert counts.failed == 0
    return Replayed(metrics, counts, questions, scores)


def asked(questions: Sequence[Question], rows: Sequence[Row]) -> list[Question]:
    """The questions a set covers: some are of a part of the split."""
    ids = {str(row["id"]) for row in rows if row.get("id") is not None}
    places = {row["index"] for row in rows if row.get("id") is None}
    return [question for question in questions if question.id in ids or question.row in places]


def check_metrics(expected: Row, replayed: Replayed) -> None:
    """Compare what else the set gives under a name of ours."""
    others: Row = expected.get("metrics") or {}
    for name in others.keys() & replayed.metrics.keys():
        assert replayed.metrics[name].value == pytest.approx(others[name], abs=expected["tolerance"]), name
    for name in ("unparsed", "unanswered"):
        assert replayed.counts.unparsed == others.get(name, replayed.counts.unparsed), name


def check_questions(expected: Row, folder: Path, replayed: Replayed) -> None:
    """Compare the verdict on every question, and on every sample where there are several."""
    if not expected.get("per_question"):
        return
    found: dict[str, str] = {}
    for score in sorted(replayed.scores, key=lambda score: score.sample_index):
        if score.metric == expected["metric"]:
            found[score.question_id] = found.get(score.question_id, "") + str(int(score.value == 1))
    by_row = {question.row: question.id for question in replayed.questions}
    ids = {question.id for question in replayed.questions}
    wrong = []
    for row in read(folder / expected["per_question"]):
        own = str(row["id"]) if row.get("id") is not None and str(row["id"]) in ids else by_row[row["index"]]
        passes = str(row.get("passes") or int(row["correct"]))
        if found[own][: len(passes)] != passes or "1" in found[own][len(passes) :]:
            wrong.append((row["index"], passes, found[own]))
    assert not wrong
