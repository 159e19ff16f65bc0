import asyncio
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assay.errors import ProviderUnavailable, RequestRefused
from assay.records import Call, Completion, Message, Pair, Sampling
from harnesses.providers.embedded import provider as embedded
from harnesses.providers.embedded.decode import generate
from harnesses.providers.embedded.files import Model
from harnesses.providers.embedded.network import WINDOW
from harnesses.providers.embedded.provider import EmbeddedProvider
from harnesses.providers.embedded.train import train

DOCUMENTS = [f"{a}{b} is {b}{a}\n" for a in "abcd" for b in "abcd"]
SHORT = Sampling(max_tokens=4)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(DOCUMENTS, checkpoints=(40,), folder=tmp_path_factory.mktemp("runs"), run="t")[0]


class Gate:
    """Hold decodes of `least` calls or more until it is opened, and remember who was decoded together."""

    def __init__(self) -> None:
        self.least = 1
        self.began, self.open = threading.Event(), threading.Event()
        self.batches: list[int] = []
        self.at_once = self.most = 0

    def generate(self, model: Model, prompts: Sequence[tuple[str, Sampling, int]]) -> list[Completion]:
        self.batches.append(len(prompts))
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        if len(prompts) >= self.least:
            self.began.set()
            assert self.open.wait(20)
        self.at_once -= 1
        return generate(model, prompts)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(embedded, "generate", gate.generate)
    return gate


def opened(folder: Path) -> EmbeddedProvider:
    return EmbeddedProvider(folder, name=f"embedded:{folder}")


def asked(provider: EmbeddedProvider, count: int) -> list[asyncio.Task[Completion]]:
    return [
        asyncio.create_task(provider.complete(Call(prompt=f"{a}b is", sampling=SHORT)))
        for a in ("abcd" * count)[:count]
    ]


@pytest.mark.anyio
async def test_calls_that_wait_are_answered_together(trained: Path, gate: Gate) -> None:
    gate.open.set()
    await asyncio.gather(*asked(opened(trained), 130))
    assert gate.batches == [64, 64, 2]


@pytest.mark.anyio
@pytest.mark.parametrize("victim", [1, 5])
async def test_who_gives_up_takes_nobody_along(trained: Path, gate: Gate, victim: int) -> None:
    gate.least = 2
    calls = asked(opened(trained), 6)
    assert await asyncio.to_thread(gate.began.wait, 20)
    calls[victim].cancel()
    await asyncio.wait([calls[victim]])
    gate.open.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(one, Completion) for one in answers] == [n != victim for n in range(6)]


@pytest.mark.anyio
async def test_a_decode_given_up_is_not_overtaken_by_a_second(trained: Path, gate: Gate) -> None:
    provider = opened(trained)
    first = asked(provider, 1)[0]
    await asyncio.to_thread(gate.began.wait, 20)
    first.cancel()
    later = asked(provider, 3)
    await asyncio.wait([first])
    gate.open.set()
    await asyncio.gather(*later)
    assert gate.most == 1
    assert gate.batches == [1, 3]


@pytest.mark.anyio
async def test_a_decode_that_breaks_is_told_to_all_who_wait_and_to_nobody_after(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(model: Model, prompts: Sequence[tuple[str, Sampling, int]]) -> list[Completion]:
        raise MemoryError("no room")

    provider = opened(trained)
    with monkeypatch.context() as patched:
        patched.setattr(embedded, "generate", broken)
        answers = await asyncio.gather(*asked(provider, 3), return_exceptions=True)
    assert [type(one) for one in answers] == [MemoryError] * 3
    assert (await asked(provider, 1)[0]).completion_tokens == 4


@pytest.mark.anyio
async def test_closing_lets_go_of_those_who_wait(trained: Path, gate: Gate) -> None:
    provider = opened(trained)
    calls = asked(provider, 70)
    await asyncio.to_thread(gate.began.wait, 20)
    await provider.aclose()
    gate.open.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(one) for one in answers} == {asyncio.CancelledError}


@pytest.mark.anyio
async def test_seed_and_sample_are_two_things(trained: Path) -> None:
    provider = opened(trained)

    async def drawn(seed: int, sample: int) -> str:
        sampling = Sampling(max_tokens=40, temperature=1.5, seed=seed)
        return (await provider.complete(Call(prompt="ab", sampling=sampling, sample=sample))).text

    texts = [await drawn(seed, sample) for seed, sample in ((0, 1), (1, 0), (-1, 0), (2**70, 0))]
    assert len(set(texts)) == 4
    assert await drawn(0, 1) == texts[0]


@pytest.mark.anyio
async def test_sampling_follows_the_likelihoods_and_a_small_nucleus_is_greedy(trained: Path) -> None:
    provider = opened(trained)
    likelihood = (await provider.loglikelihood([Pair(context="ab is", continuation=" ")]))[0]
    sampling = Sampling(max_tokens=1, temperature=1.0)
    calls = [Call(prompt="ab is", sampling=sampling, sample=n) for n in range(600)]
    drawn = await asyncio.gather(*(provider.complete(call) for call in calls))
    share = sum(one.text == " " for one in drawn) / 600
    expected = np.exp(likelihood.logprob)
    assert abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / 600) + 1e-3
    narrow = sampling.model_copy(update={"top_p": 1e-6, "temperature": 3.0})
    greedy = await provider.complete(Call(prompt="ab is", sampling=Sampling(max_tokens=1)))
    some = await asyncio.gather(
        *(provider.complete(Call(prompt="ab is", sampling=narrow, sample=n)) for n in range(20))
    )
    assert {one.text for one in some} == {greedy.text}


@pytest.mark.anyio
async def test_messages_are_read_as_one_text(trained: Path) -> None:
    provider = opened(trained)
    messages = (Message.system("ab is"), Message.user("cd is"))
    chat = await provider.complete(Call(messages=messages, sampling=SHORT))
    assert chat == await provider.complete(Call(prompt="ab is\ncd is", sampling=SHORT))
    assert chat.prompt_tokens == 11


@pytest.mark.anyio
async def test_a_whole_text_is_the_sum_of_its_letters_after_what_stands_before_them(trained: Path) -> None:
    provider = opened(trained)
    text = "".join(DOCUMENTS)
    assert len(text) > 2 * WINDOW
    letters = [Pair(context=text[:place], continuation=letter) for place, letter in enumerate(text)]
    found = (await provider.loglikelihood([Pair(context="", continuation=text, rolling=True)]))[0]
    parts = await provider.loglikelihood(letters)
    assert found.logprob == pytest.approx(sum(part.logprob for part in parts), rel=1e-5)
    assert found.tokens == len(text)
    with pytest.raises(RequestRefused, match="no context"):
        await provider.loglikelihood([Pair(context="a", continuation="b", rolling=True)])


@pytest.mark.anyio
async def test_what_it_cannot_do_is_refused(trained: Path) -> None:
    provider = opened(trained)
    with pytest.raises(RequestRefused, match="logit_bias"):
        await provider.complete(Call(prompt="a", sampling=Sampling(logit_bias={"1": 5.0})))
    with pytest.raises(RequestRefused, match="empty"):
        await provider.loglikelihood([Pair(context="a", continuation="")])
    assert await provider.loglikelihood([]) == []


@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_a_damaged_archive_is_one_sentence(trained: Path, tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    whole = (folder / "model.npz").read_bytes()
    (folder / "model.npz").write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ProviderUnavailable, match="damaged"):
        opened(folder)


def test_weights_of_another_network_are_refused(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained, folder)
    np.savez(folder / "model.npz", w1=np.zeros((3, 3), dtype="f4"))
    with pytest.raises(ProviderUnavailable, match="not those of this network"):
        opened(folder)
