"""The same task plainly and as an agent, with a model that is a Python function."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assay.errors import SandboxUnavailable
from assay.records import Request, Sample
from harnesses.engine.engine import Engine
from harnesses.evaluation.generate import draw
from harnesses.evaluation.shards import sample_requests, shards
from harnesses.harness import Harness, load_harness, preset_names
from harnesses.providers.catalog import open_provider
from harnesses.providers.protocol import Ability
from harnesses.scaffolds import tool_loop
from harnesses.scaffolds.catalog import build_scaffold
from harnesses.scaffolds.protocol import Model, SampleRequest, Scaffold
from harnesses.tools.function import tool
from sandbox.planner import plan
from sandbox.pool import Pool
from sandbox.protocol import Sandbox
from tasks_lib.questions import load
from tasks_lib.scoring import score_sample
from tasks_lib.spec import resolve_task

pytestmark = pytest.mark.anyio

MODEL = """
import json
from assay.records import Completion, ToolCall

def complete(call):
    if not call.tools:
        return "no idea"
    said = [m for m in call.messages if m.role == "tool"]
    word = call.messages[1].content.split()[2]
    if not said:
        code = f"print({word!r}[::{-1 if 'turn' in call.messages[1].content else 1}])"
        return use("python", code=code)
    return use("submit", answer=said[-1].content.strip())

def use(name, **arguments):
    return Completion(text="", tool_calls=(ToolCall(id="1", name=name, arguments=json.dumps(arguments)),))
"""


async def drawn(model: str, harness: Harness, tmp_path: Path, *, pool: Pool) -> list[Sample]:
    file = tmp_path / "model.py"
    file.write_text(model)
    provider = open_provider(f"scripted:{file}", {}).provider
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    task = resolve_task("demo_words", {})
    loaded = load(task, limit=4)
    items = list(sample_requests(task, loaded, shards(loaded.questions, samples=1, size=10)[0]))
    samples = [sample async for sample in draw(build_scaffold(harness), items, engine=engine, pool=pool)]
    await engine.aclose()
    return samples


async def score(samples: list[Sample]) -> list[float | None]:
    task = resolve_task("demo_words", {})
    questions = {q.id: q for q in load(task).questions}
    return [(await score_sample(task, questions[s.question_id], s, pool=None))[0].value for s in samples]


async def test_a_flag_turns_a_plain_run_into_an_agent(tmp_path: Path) -> None:
    react = load_harness("react")
    try:
        chosen = await plan(frozenset({"python", "bash"}))
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    async with Pool(chosen) as pool:
        plainly = await drawn(MODEL, load_harness("plain"), tmp_path, pool=pool)
        acting = await drawn(MODEL, react, tmp_path, pool=pool)
    assert await score(plainly) == [0, 0, 0, 0]
    assert await score(acting) == [1, 1, 1, 1]
    assert {s.ended for s in acting} == {"submitted"}
    assert all(len(s.messages) == 6 for s in acting)


async def test_turns_run_out(tmp_path: Path) -> None:
    short = load_harness("react").model_copy(update={"max_turns": 1, "tools": ("submit",)})
    async with Pool(await plan(frozenset())) as pool:
        samples = await drawn(MODEL, short, tmp_path, pool=pool)
    assert {s.ended for s in samples} == {"max_turns"}


async def test_a_tool_nobody_has_is_told_to_the_model(tmp_path: Path) -> None:
    only = load_harness("react").model_copy(update={"tools": ("submit",), "max_turns": 2})
    async with Pool(await plan(frozenset())) as pool:
        samples = await drawn(MODEL, only, tmp_path, pool=pool)
    assert "There is no tool 'python'" in samples[0].messages[3].content


def test_presets_are_listed_and_differ() -> None:
    assert {"plain", "react"} <= set(preset_names())
    assert load_harness("plain").fingerprint != load_harness("react").fingerprint


def test_a_harness_file_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("scaffold: plain\ntols: [bash]\n")
    with pytest.raises(Exception, match="tols"):
        load_harness(str(file))


def broken_tool(word: str) -> str:
    """Look up a word."""
    return {"ember": "fire"}[word]


class BrokenScaffold:
    needs: frozenset[str] = frozenset()

    def abilities(self, request: Request) -> Sequence[Ability]:
        return ["generate"]

    async def solve(self, item: SampleRequest, *, model: Model, sandbox: Sandbox | None) -> Sample:
        raise LookupError("no rule for this question")


async def test_exception_of_a_tool_fails_the_sample_and_names_question_and_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tool_loop, "load_tools", lambda names: {"look_up": tool(broken_tool)})
    file = tmp_path / "model.py"
    file.write_text(MODEL.replace('use("python", code=code)', 'use("look_up", word="basalt")'))
    samples = await solved_by(
        build_scaffold(Harness(name="agent", scaffold="tool_loop", system_prompt="Act.", max_turns=3)),
        model=file,
    )
    failure = samples[0].failure
    assert failure is not None
    assert failure.kind == "tool"
    assert failure.message.startswith("The tool 'look_up' raised KeyError: 'basalt'")
    assert repr(samples[0].question_id) in failure.message


async def test_exception_of_a_scaffold_fails_the_sample_and_names_the_question(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(MODEL)
    samples = await solved_by(BrokenScaffold(), model=file)
    failure = samples[0].failure
    assert failure is not None
    assert failure.kind == "scaffold"
    assert "LookupError: no rule for this question" in failure.message
    assert repr(samples[0].question_id) in failure.message


async def solved_by(scaffold: Scaffold, *, model: Path) -> list[Sample]:
    provider = open_provider(f"scripted:{model}", {}).provider
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    loaded = load(resolve_task("demo_words", {}), limit=1)
    items = list(
        sample_requests(
            resolve_task("demo_words", {}), loaded, shards(loaded.questions, samples=1, size=10)[0]
        )
    )
    samples = [sample async for sample in draw(scaffold, items, engine=engine, pool=None)]
    await engine.aclose()
    return samples
