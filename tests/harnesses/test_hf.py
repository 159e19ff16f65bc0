"""Answers of transformers in this process, against a computation of its own.

torch and transformers come from the environment the tests run in, or else from `.vllm` (`make vllm-env`).
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from assay.errors import CapabilityMissing, RequestRefused
from assay.records import Call, Completion, LogLikelihood, Message, Pair, Sampling
from harnesses.providers.catalog import open_provider
from harnesses.providers.hf.provider import HfMissing
from harnesses.providers.protocol import Provider
from tests.vllm.direct import computed
from tests.vllm.pairs import LENGTH, MERGED, ONE_TOKEN, PAIRS, TEXTS

ROOT = Path(__file__).parent.parent
THERE = find_spec("transformers") is not None and find_spec("torch") is not None
BESIDE = ROOT.parent / ".vllm"
PACKAGES = BESIDE / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
PYTHON = Path(sys.executable) if THERE else BESIDE / "bin" / "python"
TOLERANCE = 1e-3
pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not THERE and not PACKAGES.is_dir():
        if os.environ.get("REQUIRE_VLLM"):
            pytest.fail(f"REQUIRE_VLLM is set, and there is no {PACKAGES}")
        pytest.skip("neither installed here nor in .vllm: torch and transformers")
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run([PYTHON, ROOT / "vllm" / "tiny_model.py", folder], check=True, capture_output=True)
    if THERE:
        yield folder
        return
    with pytest.MonkeyPatch.context() as patch:
        # Threads that wait for each other on cores that others use are slower than one.
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setattr(sys, "path", [*sys.path, str(PACKAGES)])
        yield folder


def opened(folder: Path, **settings: str) -> Provider:
    return open_provider(f"hf:{folder}", {"max_length": str(LENGTH), **settings}).provider


async def scores(provider: Provider, *, alone: bool) -> list[LogLikelihood]:
    pairs = list(PAIRS.values())
    if alone:
        return [(await provider.loglikelihood([pair]))[0] for pair in pairs]
    return await provider.loglikelihood(pairs)


def reference(folder: Path, *, bos: bool) -> list[tuple[float, int, bool]]:
    return computed(PYTHON, folder, [[pair.context, pair.continuation, bos] for pair in PAIRS.values()])


def test_without_transformers_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harnesses.providers.hf.provider.find_spec", lambda name: None)
    with pytest.raises(HfMissing, match=r"assay-eval\[hf\]"):
        open_provider("hf:anywhere", {})


@pytest.mark.parametrize(
    ("name", "settings", "bos"),
    [("base", {}, True), ("base", {"add_bos": "false"}, False), ("bare", {}, False)],
)
async def test_log_likelihoods_are_those_of_a_direct_computation(
    checkpoints: Path, name: str, settings: dict[str, str], *, bos: bool
) -> None:
    provider = opened(checkpoints / name, **settings)
    wanted = reference(checkpoints / name, bos=bos)
    for alone in (True, False):
        found = await scores(provider, alone=alone)
        for pair, one, (value, tokens, greedy) in zip(PAIRS, found, wanted, strict=True):
            assert (one.tokens, one.greedy) == (tokens, greedy), pair
            assert one.logprob == pytest.approx(value, abs=TOLERANCE), pair
    await provider.aclose()


@pytest.mark.parametrize(("name", "settings"), [("base", {}), ("bare", {}), ("base", {"batch": "1"})])
async def test_a_long_text_is_scored_as_by_a_direct_computation(
    checkpoints: Path, name: str, settings: dict[str, str]
) -> None:
    provider = opened(checkpoints / name, **settings)
    pairs = [Pair(context="", continuation=text, rolling=True) for text in TEXTS.values()]
    found = await provider.loglikelihood([*pairs, *PAIRS.values()])
    wanted = computed(PYTHON, checkpoints / name, [[text, LENGTH] for text in TEXTS.values()])
    for text, one, (value, tokens, greedy) in zip(TEXTS, found, wanted, strict=False):
        assert (one.tokens, one.greedy) == (tokens, greedy), text
        assert one.logprob == pytest.approx(value, abs=TOLERANCE), text
    assert max(one.tokens for one in found) > 2 * LENGTH
    plain = await provider.loglikelihood([Pair(context="", continuation=TEXTS["short"])])
    assert plain[0].logprob == pytest.approx(found[0].logprob, abs=1e-4)
    await provider.aclose()


async def test_answers_of_one_token_share_a_forward_pass(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = opened(checkpoints / "base")
    await provider.loglikelihood(ONE_TOKEN[:1])
    hf_model = sys.modules["harnesses.providers.hf.model"]
    passed: list[int] = []
    whole = hf_model.Model._logits

    def counted(model: object, ids: Any, *rest: object) -> object:
        passed.append(len(ids))
        return whole(model, ids, *rest)

    monkeypatch.setattr(hf_model.Model, "_logits", counted)
    together = await provider.loglikelihood(ONE_TOKEN)
    assert sum(passed) == len({pair.context for pair in ONE_TOKEN}) == len(ONE_TOKEN) / 4
    alone = [(await provider.loglikelihood([pair]))[0] for pair in ONE_TOKEN]
    for pair, one, other in zip(ONE_TOKEN, together, alone, strict=True):
        assert (one.tokens, one.greedy) == (1, other.greedy), pair
        assert one.logprob == pytest.approx(other.logprob, abs=1e-5), pair
    asked = [[pair.context, pair.continuation, True] for pair in ONE_TOKEN]
    wanted = computed(PYTHON, checkpoints / "base", asked)
    for pair, one, (value, tokens, greedy) in zip(ONE_TOKEN, together, wanted, strict=True):
        assert (one.tokens, one.greedy) == (tokens, greedy), pair
        assert one.logprob == pytest.approx(value, abs=1e-5), pair
    await provider.aclose()


async def test_the_likeliest_token_is_known_as_such(checkpoints: Path) -> None:
    provider = opened(checkpoints / "base", batch="2")
    contexts = [f"The {noun} sat on" for noun in ("cat", "dog", "bird", "house", "river", "city")]
    one = Sampling(max_tokens=1)
    written = await answers(provider, [Call(prompt=context, sampling=one) for context in contexts])
    texts = [answer.text for answer in written if answer is not None]
    whole = [(c, t) for c, t in zip(contexts, texts, strict=True) if t.strip() and t.isprintable()]
    assert whole
    likeliest = await provider.loglikelihood([Pair(context=c, continuation=t) for c, t in whole])
    # The text of one token may be several when it is read again after its context.
    same = [found for found in likeliest if found.tokens == 1]
    assert same
    assert all(found.greedy for found in same)
    others = await provider.loglikelihood([Pair(context=c, continuation=" mat") for c in contexts])
    assert not all(found.greedy for found in others)
    await provider.aclose()


async def test_what_cannot_be_scored_is_an_error(checkpoints: Path) -> None:
    provider = opened(checkpoints / "base")
    for pair, said in (
        (Pair(context="x", continuation=""), "empty"),
        (MERGED, "merge"),
        (Pair(context="x", continuation=" the" * LENGTH), "512 tokens"),
    ):
        with pytest.raises(RequestRefused, match=said):
            await provider.loglikelihood([pair])
    with pytest.raises(CapabilityMissing, match="tools"):
        await provider.prove("tools")
    await provider.aclose()


async def answers(provider: Provider, calls: list[Call]) -> list[Completion | None]:
    return list(await asyncio.gather(*(provider.complete(call) for call in calls)))


async def test_an_answer_does_not_depend_on_its_neighbours(checkpoints: Path) -> None:
    calls = [
        Call(
            prompt=" ".join(["the cat"] * n),
            sample=n,
            sampling=Sampling(max_tokens=12, temperature=t, seed=3),
        )
        for n, t in enumerate((0.0, 0.7, 1.0, 0.0, 1.3), start=1)
    ]
    provider = opened(checkpoints / "base", batch="8")
    together = await answers(provider, calls)
    alone = [await provider.complete(call) for call in calls]
    assert [one and one.text for one in together] == [one and one.text for one in alone]
    await provider.aclose()


async def test_each_sample_has_a_seed_of_its_own(checkpoints: Path) -> None:
    provider = opened(checkpoints / "base")
    sampling = Sampling(max_tokens=12, temperature=1.0, seed=5)
    calls = [Call(prompt="The", sample=n, sampling=sampling) for n in (0, 1, 2)]
    first, again = [[one.text for one in await answers(provider, calls) if one is not None] for _ in range(2)]
    assert first == again
    assert len(set(first)) == 3
    narrow = sampling.model_copy(update={"top_p": 1e-6})
    greedy = sampling.model_copy(update={"temperature": 0.0})
    texts = await answers(provider, [Call(prompt="The", sampling=one) for one in (narrow, greedy)])
    assert texts[0] == texts[1]
    await provider.aclose()


async def test_stops_where_it_is_told(checkpoints: Path) -> None:
    provider = opened(checkpoints / "base")
    whole = await provider.complete(Call(prompt="The", sampling=Sampling(max_tokens=20)))
    assert whole is not None
    assert (whole.finish_reason, whole.completion_tokens) == ("length", 20)
    stop = whole.text[6:9]
    cut = await provider.complete(Call(prompt="The", sampling=Sampling(max_tokens=20, stop=(stop,))))
    assert cut is not None
    assert (cut.text, cut.finish_reason) == (whole.text[: whole.text.index(stop)], "stop")
    await provider.aclose()


async def test_a_conversation_is_written_by_the_template(checkpoints: Path) -> None:
    chat, plain = opened(checkpoints / "base", api="chat"), opened(checkpoints / "base", api="completions")
    turns = (Message.system("Be brief."), Message.user("The cat?"))
    call = Call(messages=turns, sampling=Sampling(max_tokens=8))
    written = Call(prompt="<system> Be brief.\n<user> The cat?\n<assistant>", sampling=Sampling(max_tokens=8))
    bare = opened(checkpoints / "base", api="completions", add_bos="false")
    assert (await chat.complete(call)) == (await bare.complete(written))
    assert chat.conditions != plain.conditions
    for provider in (chat, plain, bare):
        await provider.aclose()


async def test_too_long_a_prompt_fails_alone(checkpoints: Path) -> None:
    provider = opened(checkpoints / "base")
    long, short = Call(prompt="the " * 600), Call(prompt="the", sampling=Sampling(max_tokens=2))
    found = await asyncio.gather(provider.complete(long), provider.complete(short), return_exceptions=True)
    assert isinstance(found[0], RequestRefused)
    assert isinstance(found[1], Completion)
    await provider.aclose()
