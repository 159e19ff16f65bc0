import asyncio
from pathlib import Path

import numpy as np
import pytest

from assay.errors import CapabilityMissing, ProviderUnavailable
from assay.records import Call, Pair, Sampling
from harnesses.providers.catalog import open_provider
from harnesses.providers.embedded.network import Vocabulary, fresh_weights, gradients, log_probabilities
from harnesses.providers.embedded.train import train
from harnesses.providers.protocol import Provider

DOCUMENTS = [f"{a}{b} is {b}{a}\n" for a in "abcd" for b in "abcd"]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return train(DOCUMENTS, checkpoints=(5, 150), folder=tmp_path_factory.mktemp("runs"), run="t")


def opened(folder: Path) -> Provider:
    return open_provider(f"embedded:{folder}", {}).provider


def test_gradients_are_those_of_the_loss() -> None:
    chance = np.random.default_rng(0)
    weights = {name: value.astype("f8") for name, value in fresh_weights(7, seed=0).items()}
    windows, targets = chance.integers(0, 7, (5, 40)), chance.integers(0, 7, 5)
    _, slopes = gradients(weights, windows, targets)  # type: ignore[arg-type]
    for name, place in (("embed", (3, 2)), ("w1", (17, 5)), ("w2", (4, 9)), ("w3", (8, 3)), ("b1", (6,))):
        moved = []
        for step in (1e-5, -1e-5):
            changed = {**weights, name: weights[name].copy()}
            changed[name][place] += step
            moved.append(gradients(changed, windows, targets)[0])  # type: ignore[arg-type]
        assert slopes[name][place] == pytest.approx((moved[0] - moved[1]) / 2e-5, rel=1e-3, abs=1e-7)


def test_probabilities_add_up_to_one() -> None:
    logs = log_probabilities(fresh_weights(7, seed=1), np.zeros((3, 40), dtype=np.int64))
    assert np.exp(logs).sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


def test_unknown_characters_are_no_error() -> None:
    assert Vocabulary("\0ab").encode("a?b") == [1, 0, 2]


@pytest.mark.anyio
async def test_training_makes_the_text_likelier(checkpoints: list[Path]) -> None:
    pair = Pair(context="ab is", continuation=" ba\n")
    early, late = [(await opened(folder).loglikelihood([pair]))[0] for folder in checkpoints]
    assert late.logprob > early.logprob + 1
    assert late.greedy is True
    assert late.tokens == 4


@pytest.mark.anyio
async def test_likelihoods_are_the_same_alone_and_together(checkpoints: list[Path]) -> None:
    provider = opened(checkpoints[1])
    pairs = [Pair(context=f"{a}b is", continuation=f" {c}{a}") for a in "abcd" for c in "abcd"]
    together = await provider.loglikelihood(pairs)
    alone = [(await provider.loglikelihood([pair]))[0] for pair in pairs]
    assert [x.logprob for x in together] == pytest.approx([x.logprob for x in alone], abs=1e-4)


@pytest.mark.anyio
async def test_generation_follows_the_likelihoods(checkpoints: list[Path]) -> None:
    provider = opened(checkpoints[1])
    sampling = Sampling(max_tokens=8, stop=("\n",))
    texts = await asyncio.gather(
        *(provider.complete(Call(prompt=f"{a}c is", sampling=sampling)) for a in "abcd")
    )
    assert [one.text for one in texts if one] == [" ca", " cb", " cc", " cd"]
    assert {one.finish_reason for one in texts if one} == {"stop"}


@pytest.mark.anyio
async def test_samples_differ_and_are_drawn_again_alike(checkpoints: list[Path]) -> None:
    provider = opened(checkpoints[0])
    sampling = Sampling(max_tokens=12, temperature=1.0, seed=3)
    drawn = [
        [(await provider.complete(Call(prompt="ab", sampling=sampling, sample=i))) for i in range(6)]
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert len({one.text for one in drawn[0] if one}) > 1
    assert "length" in {one.finish_reason for one in drawn[0] if one}


@pytest.mark.anyio
async def test_a_checkpoint_knows_its_training_run_and_step(checkpoints: list[Path]) -> None:
    found = [await opened(folder).checkpoint() for folder in checkpoints]
    assert [(one.training_run, one.step, one.proven) for one in found] == [("t", 5, True), ("t", 150, True)]
    assert found[0].fingerprint != found[1].fingerprint


@pytest.mark.anyio
async def test_tools_are_refused(checkpoints: list[Path]) -> None:
    with pytest.raises(CapabilityMissing):
        await opened(checkpoints[0]).prove("tools")


def test_a_folder_without_a_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="holds no checkpoint"):
        opened(tmp_path)
