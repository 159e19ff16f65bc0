"""Answers that are no answers fail their sample, in a sentence; those spelled otherwise are read."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from assay.errors import ProviderError, ProviderUnavailable, RateLimited, RequestRefused
from assay.records import Call, Checkpoint, Completion, LogLikelihood, Pair
from harnesses.engine.engine import Engine, Likelihoods
from harnesses.providers.catalog import open_provider
from harnesses.providers.openai_http.bodies import completion
from harnesses.providers.scripted import ScriptedProvider
from tests.endpoint import Endpoint, served

pytestmark = pytest.mark.anyio


def chat(content: object, *, reason: str = "stop", **more: object) -> Completion:
    message = {"content": content, **more}
    return completion({"choices": [{"message": message, "finish_reason": reason}]}, api="chat")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": ["x"]},
        {"choices": [{"finish_reason": "stop"}]},
        {"choices": [{"message": {}}]},
        {"choices": [{"message": {"content": None}}]},
        {"choices": [{"message": {"content": 5}}]},
        {"choices": [{"message": {"content": "4"}, "finish_reason": "error"}]},
        {"choices": [{"message": {"content": "4"}, "error": {"code": 502}}]},
        {"choices": [{"message": {"content": "", "tool_calls": [{}]}}]},
    ],
)
def test_what_is_no_answer_fails_in_plain_words(answer: dict[str, Any]) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        completion(answer, api="chat")
    assert "Error" not in str(caught.value)


def test_a_text_that_is_absent_is_no_answer() -> None:
    with pytest.raises(ProviderUnavailable):
        completion({"choices": [{"text": None, "finish_reason": "stop"}]}, api="completions")


def test_a_filtered_answer_is_withheld() -> None:
    with pytest.raises(RequestRefused, match="filter"):
        chat("half", reason="content_filter")


def test_a_refusal_in_words_and_a_thought_alone_are_answers() -> None:
    assert chat(None, refusal="I will not.").text == ""
    assert chat(None, reasoning_content="hm").reasoning == "hm"
    assert chat(None, reason="length").finish_reason == "length"


@pytest.mark.parametrize(
    ("reason", "read"),
    [("max_tokens", "length"), ("MAX_TOKENS", "length"), ("eos_token", "stop"), ("?", "unknown")],
)
def test_reasons_are_read_in_other_spellings(reason: str, read: str) -> None:
    assert chat("4", reason=reason).finish_reason == read


def test_parts_are_joined_and_thoughts_kept_apart() -> None:
    parts = [
        {"type": "thinking", "thinking": "2 and 2"},
        {"type": "text", "text": "It is "},
        {"type": "text", "text": "4"},
    ]
    assert (chat(parts).text, chat(parts).reasoning) == ("It is 4", "2 and 2")


@pytest.mark.parametrize("tokens", [None, "7", float("inf"), -1])
def test_odd_usage_is_not_counted(tokens: object) -> None:
    choice = {"message": {"content": "4"}}
    assert (
        completion({"choices": [choice], "usage": {"prompt_tokens": tokens}}, api="chat").prompt_tokens
        is None
    )


async def answer_to(body: bytes) -> Completion | None:
    answer = web.Response(body=body, content_type="application/json")
    async with served(Endpoint(fault=lambda number: answer)) as endpoint:
        settings = {"base_url": endpoint.url, "api": "chat"}
        provider = open_provider(f"openai:{endpoint.model}", settings).provider
        try:
            return await provider.complete(Call(prompt="x"))
        finally:
            await provider.aclose()


async def test_an_error_in_an_answer_of_status_200_counts_by_its_code() -> None:
    with pytest.raises(RateLimited, match="later"):
        await answer_to(b'{"error": {"code": 429, "message": "later"}}')
    with pytest.raises(RequestRefused, match="bad field"):
        await answer_to(b'{"error": {"code": "400", "message": "bad field"}}')
    with pytest.raises(ProviderUnavailable, match="upstream"):
        await answer_to(b'{"error": "upstream"}')


async def test_half_a_surrogate_pair_is_replaced() -> None:
    read = await answer_to(b'{"choices": [{"message": {"content": "4 \\ud83d"}, "finish_reason": "stop"}]}')
    assert read is not None
    assert read.text == "4 \ufffd"


async def test_json_nested_without_end_fails_in_plain_words() -> None:
    with pytest.raises(ProviderError, match="no JSON"):
        await answer_to(b'{"choices": ' + b"[" * 100_000)


class NotANumber(ScriptedProvider):
    """Score one continuation of all with NaN."""

    def __init__(self) -> None:
        self.name = "nan"

    async def checkpoint(self) -> Checkpoint:
        return Checkpoint(name="nan", fingerprint="nan")

    async def loglikelihood(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        return [
            LogLikelihood(logprob=float("nan") if pair.continuation == " b" else -1.0, tokens=1)
            for pair in pairs
        ]


async def test_a_log_probability_that_is_no_number_fails_its_question_alone() -> None:
    provider = NotANumber()
    engine = Engine(provider, checkpoint=await provider.checkpoint())
    groups = [[Pair(context="q", continuation=end)] for end in (" a", " b", " c")]
    results = {index: outcome async for index, outcome in engine.loglikelihoods_all(groups)}
    await engine.aclose()
    assert [isinstance(results[index], Likelihoods) for index in range(3)] == [True, False, True]
    assert "NaN" in str(results[1])
