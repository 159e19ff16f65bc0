"""What a real vLLM says of texts longer than its context, and of answers of one token."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assay.records import LogLikelihood, Pair
from harnesses.providers.catalog import open_provider
from harnesses.providers.openai_http.probe import find_route
from harnesses.providers.openai_http.settings import Route
from harnesses.providers.openai_http.wire import Wire
from tests.vllm.conftest import ENVIRONMENT, PYTHON, Serving
from tests.vllm.direct import computed
from tests.vllm.pairs import LENGTH, ONE_TOKEN, TEXTS

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
INPUTS = LENGTH - 2
"""A server is sent the last token too, and leaves a place for the one it must write."""
WHOLE = [Pair(context="", continuation=text, rolling=True) for text in TEXTS.values()]
slow = pytest.mark.skipif(not os.environ.get("ASSAY_TEST_SLOW"), reason="slow: set ASSAY_TEST_SLOW")


def check_whole(found: list[LogLikelihood], folder: Path) -> None:
    """Hold the scores of whole texts against those of transformers."""
    wanted = computed(PYTHON, folder, [[text, INPUTS] for text in TEXTS.values()])
    for name, one, (value, tokens, greedy) in zip(TEXTS, found, wanted, strict=True):
        assert (one.tokens, one.greedy) == (tokens, greedy), name
        assert one.logprob == pytest.approx(value, abs=1e-3), name


@pytest.mark.parametrize("route", ["echo", "prompt_logprobs"])
def test_a_long_text_is_scored_as_by_transformers(single: Serving, checkpoints: Path, route: str) -> None:
    settings = {"base_url": single.url, "logprobs": route}
    provider = open_provider(f"openai:{single.provider.model}", settings).provider
    single.run(provider.checkpoint())
    found = single.run(provider.loglikelihood(WHOLE))
    single.run(provider.aclose())
    check_whole(found, checkpoints / "base")


@pytest.mark.parametrize("route", ["echo", "prompt_logprobs"])
def test_answers_of_one_token_are_scored_as_the_ordinary_way_scores_them(
    single: Serving, route: Route
) -> None:
    wire = Wire(base_url=single.url, api_key="none")
    way = single.run(find_route(wire, model=single.provider.model, route=route, max_length=LENGTH))
    assert way.chooses
    found = single.run(way.score(ONE_TOKEN))
    wanted = single.run(replace(way, chooses=False).score(ONE_TOKEN))
    single.run(wire.aclose())
    assert {one.tokens for one in wanted} == {1}
    for pair, one, other in zip(ONE_TOKEN, found, wanted, strict=True):
        assert (one.tokens, one.greedy) == (other.tokens, other.greedy), pair
        assert one.logprob == pytest.approx(other.logprob, abs=1e-5), pair


@pytest.fixture(scope="module")
def offline(checkpoints: Path, vllm_home: Path) -> Iterator[Serving]:
    """The same weights without a server."""
    serving = Serving(checkpoints / "base", mode="offline", dtype="float32", env=ENVIRONMENT)
    yield serving
    serving.close()


@slow
def test_without_a_server_the_same_is_said(single: Serving, offline: Serving, checkpoints: Path) -> None:
    found = offline.run(offline.provider.loglikelihood([*WHOLE, *ONE_TOKEN]))
    check_whole(found[: len(WHOLE)], checkpoints / "base")
    served = single.run(single.provider.loglikelihood(ONE_TOKEN))
    for one, other in zip(found[len(WHOLE) :], served, strict=True):
        assert (one.tokens, one.greedy) == (other.tokens, other.greedy)
        assert one.logprob == pytest.approx(other.logprob, abs=1e-5)
