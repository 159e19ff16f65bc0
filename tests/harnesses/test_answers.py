"""Every provider's answer is parted from its thought, and tasks end it where they stop."""

from pathlib import Path

import orjson
import pytest

from assay.records import Call, Completion, Question, Sample
from harnesses.engine.answers import answered
from harnesses.engine.engine import Engine
from harnesses.providers.catalog import open_provider
from harnesses.providers.function import FunctionProvider
from tasks_lib.scoring import score_text
from tasks_lib.spec import resolve_task
from tasks_lib.summary import summarise

pytestmark = pytest.mark.anyio
THOUGHT = "<think>99?</think>\nThe answer is 18."


async def test_a_saved_thought_is_kept_apart(tmp_path: Path) -> None:
    file = tmp_path / "outputs.jsonl"
    file.write_bytes(orjson.dumps({"index": 0, "id": None, "outputs": [THOUGHT]}))
    provider = open_provider(f"replay:{file}", {}).provider
    answer = await Engine(provider, checkpoint=await provider.checkpoint()).complete(Call(row=0))
    assert answer.completion is not None
    assert (answer.completion.text, answer.completion.reasoning) == ("The answer is 18.", "99?")


async def test_the_thought_of_a_function_is_kept_apart() -> None:
    provider = FunctionProvider(lambda prompt: THOUGHT)
    answer = await Engine(provider, checkpoint=await provider.checkpoint()).complete(Call(prompt="x"))
    await provider.aclose()
    assert answer.completion == Completion(text="The answer is 18.", reasoning="99?")


def test_a_thought_that_ate_the_tokens_is_named() -> None:
    unclosed = answered(Completion(text="<think>is it 5", finish_reason="length"))
    eaten = answered(Completion(text="", reasoning="is it 5", finish_reason="length"))
    assert (unclosed.text, unclosed.reasoning, unclosed.finish_reason) == ("", "is it 5", "unclosed_thought")
    assert (eaten.text, eaten.finish_reason) == ("", "unclosed_thought")


def test_a_token_that_ends_the_turn_ends_the_text() -> None:
    assert answered(Completion(text="A<|im_end|>\n<|im_start|>user\nB")).text == "A"
    assert answered(Completion(text="Paris</s>")).text == "Paris"
    assert answered(Completion(text="<s>old</s> new")).text == "<s>old</s> new"
    assert answered(Completion(text='x = "<|im_end|>"')).text == 'x = "<|im_end|>"'


@pytest.mark.parametrize("spec", ["squad", "gsm8k:0shot", "drop:0shot"])
def test_an_unclosed_thought_is_unparsed_and_counted(spec: str) -> None:
    task = resolve_task(spec, {})
    question = Question(text="q", target="18", id="q")
    sample = Sample(question_id="q", output="18", finish_reason="unclosed_thought")
    scores = score_text(task, question, sample)
    _, counts = summarise(task, [question], scores, expected=1)
    assert {(score.status, score.value) for score in scores} == {("unparsed", 0.0)}
    assert (counts.unparsed, counts.unclosed) == (1, 1)


@pytest.mark.parametrize(
    ("spec", "output"),
    [("gsm8k:0shot", " 18\nQuestion: 2 + 3?\nAnswer: 5"), ("squad", "18\n\nQuestion: Which?\n\nAnswer: 5")],
)
def test_what_follows_a_stop_is_not_scored(spec: str, output: str) -> None:
    task, question = resolve_task(spec, {}), Question(text="q", target="#### 18", aliases=("18",), id="q")
    score = score_text(task, question, Sample(question_id="q", output=output, finish_reason="length"))[0]
    assert (score.status, score.value) == ("scored", 1.0)
