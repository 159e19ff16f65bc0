"""A real vLLM, on the CPU, serving a tiny model: its scores against those of transformers."""

import asyncio
import os
from pathlib import Path

import pytest

from assay.errors import RequestRefused
from assay.records import Call, Completion, Message, Sampling
from harnesses.providers.catalog import open_provider
from tests.vllm.conftest import ENVIRONMENT, TWO, Reference, Serving, engines
from tests.vllm.pairs import MERGED, PAIRS

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]


def check_scores(
    serving: Serving,
    wanted: list[tuple[float, int, bool]],
    *,
    route: str,
    per_token: float,
    bos: str | None = None,
) -> None:
    """Score all pairs by one route, alone and together, and hold them against transformers."""
    settings = {"base_url": serving.url, "logprobs": route, "prefix": "<s>"}
    if bos is not None:
        settings["add_bos"] = bos
    provider = open_provider(f"openai:{serving.provider.model}", settings).provider
    run = serving.run
    run(provider.checkpoint())
    pairs = list(PAIRS.values())
    together = run(provider.loglikelihood(pairs))
    alone = [run(provider.loglikelihood([pair]))[0] for pair in pairs]
    run(provider.aclose())
    for name, one, other, (value, tokens, greedy) in zip(PAIRS, together, alone, wanted, strict=True):
        assert one.tokens == other.tokens == tokens, name
        assert one.logprob == pytest.approx(value, abs=per_token * max(1, tokens)), name
        assert other.logprob == pytest.approx(one.logprob, abs=per_token), name
        assert one.greedy == greedy, name


@pytest.mark.parametrize("route", ["echo", "prompt_logprobs"])
@pytest.mark.parametrize("bos", [None, "false"])
def test_scores_are_those_of_transformers(
    single: Serving, reference: Reference, route: str, bos: str | None
) -> None:
    check_scores(single, reference("base", bos=bos is None), route=route, bos=bos, per_token=1e-3)


@pytest.mark.parametrize("route", ["echo", "prompt_logprobs"])
def test_scores_are_those_of_transformers_on_two_workers(
    parallel: Serving, reference: Reference, route: str
) -> None:
    check_scores(parallel, reference("base"), route=route, per_token=5e-3)


def test_a_boundary_within_a_token_is_an_error(single: Serving) -> None:
    with pytest.raises(RequestRefused, match="merge"):
        single.run(single.provider.loglikelihood([MERGED]))


def test_generates_by_either_api_the_same_on_one_worker_and_on_two(
    single: Serving, parallel: Serving
) -> None:
    call = Call(prompt="The cat sat on", sampling=Sampling(max_tokens=8))
    texts = []
    for serving in (single, parallel):
        answer = serving.run(serving.provider.complete(call))
        assert (answer.finish_reason, answer.completion_tokens) == ("length", 8)
        texts.append(answer.text)
    assert texts[0] == texts[1] != ""
    chat = open_provider("openai:base", {"base_url": single.url, "api": "chat"}).provider
    call = Call(messages=(Message.user("The cat?"),), sampling=Sampling(max_tokens=8))
    assert single.run(chat.complete(call))
    single.run(chat.aclose())


slow = pytest.mark.skipif(not os.environ.get("ASSAY_TEST_SLOW"), reason="slow: set ASSAY_TEST_SLOW")


@slow
@pytest.mark.parametrize(
    "layout",
    [{"data_parallel": "2"}, {"nnodes": "2", "tensor_parallel": "2"}, {"replicas": "2"}],
    ids=["data parallel", "two nodes", "two replicas"],
)
def test_serves_in_other_layouts(
    checkpoints: Path, assay_home: Path, single: Serving, reference: Reference, layout: dict[str, str]
) -> None:
    serving = Serving(checkpoints / "base", env=TWO if "replicas" not in layout else ENVIRONMENT, **layout)
    try:
        check_scores(serving, reference("base"), route="echo", per_token=5e-3)
        call = Call(prompt="The cat sat on", sampling=Sampling(max_tokens=8))
        texts = [one.run(one.provider.complete(call)).text for one in (single, serving)]
        assert texts[0] == texts[1]
        assert len(engines(assay_home)) > 5
    finally:
        serving.close()
    assert not engines(assay_home)


@slow
def test_an_adapter_is_a_checkpoint(checkpoints: Path, single: Serving) -> None:
    serving = Serving(checkpoints / "lora", base=str(checkpoints / "base"), dtype="float32", env=ENVIRONMENT)
    try:
        # Scores of a given text with an adapter end this build of vLLM for the CPU: docs/providers.md.
        calls = [Call(prompt=f"The {w} sat on", sampling=Sampling(max_tokens=8)) for w in ("cat", "dog")]
        adapted, plain = [
            [one.run(one.provider.complete(call)).text for call in calls] for one in (serving, single)
        ]
    finally:
        serving.close()
    assert adapted != plain


@slow
def test_the_offline_mode_answers_as_the_server_does(
    checkpoints: Path, assay_home: Path, single: Serving, reference: Reference
) -> None:
    offline = Serving(checkpoints / "base", mode="offline", dtype="float32", env=ENVIRONMENT)
    try:
        assert len(engines(assay_home)) > 1
        wanted = reference("base")
        found = offline.run(offline.provider.loglikelihood(list(PAIRS.values())))
        for name, one, (value, tokens, greedy) in zip(PAIRS, found, wanted, strict=True):
            assert (one.tokens, one.greedy) == (tokens, greedy), name
            assert one.logprob == pytest.approx(value, abs=1e-3 * max(1, tokens)), name
        calls = [
            Call(prompt=f"The {w} sat on", sampling=Sampling(max_tokens=8)) for w in ("cat", "dog", "bird")
        ]
        calls.append(Call(prompt="the " * 600))

        async def all_of(serving: Serving) -> list[object]:
            asked = (serving.provider.complete(call) for call in calls)
            return [
                one.text if isinstance(one, Completion) else type(one)
                for one in await asyncio.gather(*asked, return_exceptions=True)
            ]

        answers = [one.run(all_of(one)) for one in (single, offline)]
        assert answers[0] == answers[1]
        assert answers[0][-1] is RequestRefused
    finally:
        offline.close()
    assert not engines(assay_home)
