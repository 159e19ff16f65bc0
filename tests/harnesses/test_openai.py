import asyncio
import random
from collections.abc import Mapping

import pytest
from aiohttp import web

from assay.errors import CapabilityMissing, EndpointRefused, ProviderError, ProviderUnavailable, UnknownName
from assay.records import Call, Message, Pair, Sampling, ToolSpec
from harnesses.engine import engine as engines
from harnesses.engine.engine import Answer, Engine
from harnesses.providers.catalog import Opened, open_provider
from harnesses.providers.openai_http.settings import guess_api
from harnesses.providers.protocol import Provider
from tests.endpoint import Endpoint, Fault, logprob, refuse, served, tokens

pytestmark = pytest.mark.anyio


def opened(endpoint: Endpoint, **settings: str) -> Opened:
    return open_provider(f"openai:{endpoint.model}", {"base_url": endpoint.url, **settings})


async def complete(provider: Provider, call: Call) -> str:
    try:
        completion = await provider.complete(call)
        assert completion is not None
        return completion.text
    finally:
        await provider.aclose()


@pytest.mark.parametrize("api", ["chat", "completions"])
async def test_generates_by_either_api(api: str) -> None:
    async with served(Endpoint()) as endpoint:
        call = Call(prompt="2+2?", sampling=Sampling(max_tokens=9, stop=("\n",), top_p=0.5, temperature=1.0))
        assert (await complete(opened(endpoint, api=api).provider, call)).startswith("The answer is")
    sent = endpoint.bodies[0]
    assert (sent["max_tokens"], sent["stop"], sent["top_p"]) == (9, ["\n"], 0.5)
    assert ("messages" in sent) == (api == "chat")


async def test_each_sample_of_a_question_has_a_seed_of_its_own() -> None:
    async with served(Endpoint()) as endpoint:
        provider = opened(endpoint).provider
        for sample in range(3):
            await provider.complete(Call(prompt="x", sample=sample, sampling=Sampling(temperature=1, seed=5)))
        await provider.aclose()
    assert [body["seed"] for body in endpoint.bodies] == [5, 6, 7]


async def test_tools_go_over_chat_whatever_the_api() -> None:
    tool = ToolSpec(name="t", description="d", parameters={"type": "object"})
    async with served(Endpoint()) as endpoint:
        call = Call(messages=(Message.user("hi"),), tools=(tool,))
        await complete(opened(endpoint, api="completions").provider, call)
    assert endpoint.bodies[0]["tools"][0]["function"]["name"] == "t"


async def test_reads_reasoning_and_tool_calls_apart_from_the_answer() -> None:
    message = {
        "content": None,
        "reasoning_content": "hm",
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    answer = web.json_response({"choices": [{"message": message, "finish_reason": "tool_calls"}]})
    async with served(Endpoint(fault=lambda number: answer)) as endpoint:
        provider = opened(endpoint, api="chat").provider
        completion = await provider.complete(Call(prompt="x"))
        await provider.aclose()
    assert completion is not None
    assert (completion.text, completion.reasoning, completion.tool_calls[0].name) == ("", "hm", "f")


async def test_weights_are_proven_by_a_revision_alone() -> None:
    async with served(Endpoint()) as endpoint:
        plain, fixed = opened(endpoint).provider, opened(endpoint, revision="abc").provider
        assert not (await plain.checkpoint()).proven
        assert (await fixed.checkpoint()).proven
        await plain.aclose()
        await fixed.aclose()


async def test_an_unknown_model_names_those_there_are() -> None:
    async with served(Endpoint(model="llama")) as endpoint:
        provider = open_provider("openai:lama", {"base_url": endpoint.url}).provider
        with pytest.raises(UnknownName, match="llama"):
            await provider.checkpoint()
        await provider.aclose()


async def test_a_wrong_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    async with served(Endpoint(key="other")) as endpoint:
        provider = opened(endpoint).provider
        with pytest.raises(EndpointRefused, match="OPENAI_API_KEY") as caught:
            await provider.checkpoint()
        await provider.aclose()
    assert "secret" not in str(caught.value)


async def test_nothing_there_is_one_sentence() -> None:
    provider = open_provider("openai:m", {"base_url": "http://127.0.0.1:9/v1"}).provider
    with pytest.raises(ProviderUnavailable, match=r"Nothing answers at http://127\.0\.0\.1:9/v1"):
        await provider.checkpoint()
    await provider.aclose()


async def test_too_long_a_prompt_fails_alone() -> None:
    async with served(Endpoint(context=50)) as endpoint:
        provider = opened(endpoint).provider
        with pytest.raises(ProviderError, match="longer than the model's context"):
            await provider.complete(Call(prompt="x" * 100))
        assert await provider.complete(Call(prompt="x"))
        await provider.aclose()


def unlucky(number: int) -> bool:
    return random.Random(number).random() < 0.3


FAULTS: Mapping[str, Fault] = {
    "500": lambda n: refuse(500, "injected") if unlucky(n) else None,
    "429": lambda n: refuse(429, "slow", **{"Retry-After": "0.01"}) if unlucky(n) else None,
    "dropped": lambda n: "drop" if unlucky(n) else None,
    "cut": lambda n: "cut" if unlucky(n) else None,
    "wrong type": lambda n: web.Response(text="<html>busy</html>") if unlucky(n) else None,
    "lacking": lambda n: web.json_response({"choices": []}) if unlucky(n) else None,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_faults_change_no_answer(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_pause", lambda error, attempt: 0.0)
    some = [Call(prompt=f"q{i}") for i in range(60)]
    texts = []
    for injected in (lambda n: None, FAULTS[fault]):
        async with served(Endpoint(fault=injected)) as endpoint:
            provider = opened(endpoint).provider
            engine = Engine(provider, checkpoint=await provider.checkpoint(), concurrency=8)
            found = {place: answer async for place, answer in engine.complete_all(some)}
            await engine.aclose()
        good = {p: a.completion.text for p, a in found.items() if isinstance(a, Answer) and a.completion}
        texts.append(good)
    assert len(texts[0]) == 60
    assert texts[0] == texts[1]


async def test_a_hanging_request_is_given_up_once_others_have_shown_how_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "_pause", lambda error, attempt: 0.0)
    monkeypatch.setattr("harnesses.engine.patience.LEAST", 0.2)
    async with served(Endpoint(fault=lambda n: "hang" if n == 5 else None)) as endpoint:
        provider = opened(endpoint).provider
        engine = Engine(provider, checkpoint=await provider.checkpoint(), concurrency=4)
        async with asyncio.timeout(20):
            found = [a async for _, a in engine.complete_all([Call(prompt=f"q{i}") for i in range(60)])]
        await engine.aclose()
    assert all(isinstance(a, Answer) for a in found)
    assert engine.stats.retried == 1


async def test_a_server_that_restarts_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_pause", lambda error, attempt: 0.05)
    endpoint = Endpoint()
    async with served(endpoint):
        provider = opened(endpoint).provider
        engine = Engine(provider, checkpoint=await provider.checkpoint())
    port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
    asking = asyncio.create_task(engine.complete(Call(prompt="q")))
    await asyncio.sleep(0.1)
    runner = web.AppRunner(_application(endpoint), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    assert (await asking).completion is not None
    await engine.aclose()
    await runner.cleanup()


def _application(endpoint: Endpoint) -> web.Application:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", endpoint.handle)
    return application


@pytest.mark.parametrize(
    ("route", "tokenizes"),
    [("echo", True), ("prompt_logprobs", True), ("auto", True), ("echo", False), ("auto", False)],
)
async def test_likelihoods_are_those_of_the_continuation(route: str, *, tokenizes: bool) -> None:
    async with served(Endpoint(tokenizes=tokenizes)) as endpoint:
        provider = opened(endpoint, logprobs=route).provider
        await provider.prove("loglikelihood")
        found = await provider.loglikelihood(
            [
                Pair(context="the cat sat ", continuation="on the mat"),
                Pair(context="a b c", continuation=" d"),
            ]
        )
        await provider.aclose()
    whole = tokens("the cat sat on the mat")
    assert found[0].logprob == pytest.approx(sum(logprob(whole[:i], whole[i]) for i in range(3, 6)))
    assert (found[0].tokens, found[1].tokens) == (3, 1)


async def test_an_endpoint_without_log_probabilities_is_refused_before_use() -> None:
    async with served(Endpoint(scores=False)) as endpoint:
        provider = opened(endpoint).provider
        with pytest.raises(CapabilityMissing, match="cannot score a given text"):
            await provider.prove("loglikelihood")
        await provider.aclose()


async def test_a_continuation_without_tokens_of_its_own_is_an_error() -> None:
    async with served(Endpoint()) as endpoint:
        provider = opened(endpoint).provider
        await provider.prove("loglikelihood")
        with pytest.raises(ProviderError, match="merge"):
            await provider.loglikelihood([Pair(context="the ca", continuation="t")])
        await provider.aclose()


def test_the_api_is_guessed_from_the_name() -> None:
    local = "http://127.0.0.1:8000/v1"
    assert guess_api("my-run-step-100", base_url=local) == "completions"
    assert guess_api("Llama-3-8B-Instruct", base_url=local) == "chat"
    assert guess_api("anything", base_url="https://api.openai.com/v1") == "chat"
