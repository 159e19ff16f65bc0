"""A dry run says what would be asked, what is kept already and where code would run, and asks nothing."""

from pathlib import Path

import pytest

from harnesses.evaluation.forecast import Forecast, forecast
from harnesses.evaluation.job import make_job
from harnesses.evaluation.pipeline import evaluate
from harnesses.evaluation.spec import Spec

pytestmark = pytest.mark.anyio
SCRIPT = """
def complete(call):
    open(r"{marks}", "a").write("x")
    return "word"
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model that leaves a mark for each request."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    file = tmp_path / "model.py"
    file.write_text(SCRIPT.format(marks=tmp_path / "marks"))
    return f"scripted:{file}"


async def forecast_of(checkpoint: str, *tasks: str, **more: object) -> Forecast:
    return await forecast([make_job(Spec(checkpoint=checkpoint, task=task, **more)) for task in tasks])  # type: ignore[arg-type]


async def test_questions_samples_and_tokens_are_counted_and_nothing_is_asked(
    script: str, tmp_path: Path
) -> None:
    whole = await forecast_of(script, "demo_words")
    part = await forecast_of(script, "demo_words", limit=2)
    (whole_task,), (part_task,) = whole.tasks, part.tasks
    assert (part_task.questions, part_task.samples, part_task.cached, part_task.requests) == (2, 2, 0, 2)
    assert whole_task.questions > 2
    assert 0 < part_task.prompt_tokens < whole_task.prompt_tokens
    assert part_task.completion_tokens > 0
    assert part.sandbox.reason == "nothing needs a sandbox"
    assert part.sandbox.backend is None
    assert not (tmp_path / "marks").exists()


async def test_what_is_kept_is_not_counted_again(script: str, tmp_path: Path) -> None:
    await evaluate(make_job(Spec(checkpoint=script, task="demo_words", limit=3)))
    marks = (tmp_path / "marks").read_text()
    (task,) = (await forecast_of(script, "demo_words", limit=5)).tasks
    assert (task.samples, task.cached, task.requests) == (5, 3, 2)
    (fresh,) = (await forecast_of(script, "demo_words", limit=5, fresh=True)).tasks
    assert (fresh.cached, fresh.requests) == (0, 5)
    assert (tmp_path / "marks").read_text() == marks


async def test_a_conversation_is_not_known_beforehand(script: str) -> None:
    (task,) = (await forecast_of(script, "demo_words", limit=2, harness="react")).tasks
    assert task.cached is None
    assert task.unknown


async def test_one_sandbox_is_planned_for_all_tasks(script: str) -> None:
    both = await forecast_of(script, "demo_words", "demo_code", unsafe_local=True)
    assert both.sandbox.needs == ("python",)
    assert both.sandbox.backend is not None
