"""The network: embeddings of the last characters, two hidden layers, a softmax (Bengio et al. 2003)."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Ids: TypeAlias = NDArray[np.int64]

WINDOW = 40
EMBEDDING = 12
HIDDEN = 192
PAD = 0


@dataclass(frozen=True)
class Vocabulary:
    """The characters a model knows; the first stands for nothing and for every unknown one."""

    characters: str

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        """Number the characters of a text."""
        known = {character: number for number, character in enumerate(self.characters)}
        return [known.get(character, PAD) for character in text]

    def decode(self, numbers: list[int]) -> str:
        """Write numbers as text."""
        return "".join(self.characters[number] for number in numbers if number != PAD)


Weights: TypeAlias = dict[str, Floats]


def fresh_weights(vocabulary: int, *, seed: int) -> Weights:
    """Draw the weights a training begins with (He et al. 2015)."""
    chance = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes(vocabulary).items():
        scale = 0.5 if name == "embed" else np.sqrt(2 / shape[0])
        drawn = chance.standard_normal(shape) * scale if len(shape) > 1 else np.zeros(shape)
        weights[name] = drawn.astype("f4")
    return weights


def shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    """Name the weights of a network for so many characters, with their sizes."""
    return {
        "embed": (vocabulary, EMBEDDING),
        "w1": (WINDOW * EMBEDDING, HIDDEN),
        "w2": (HIDDEN, HIDDEN),
        "w3": (HIDDEN, vocabulary),
        "b1": (HIDDEN,),
        "b2": (HIDDEN,),
        "b3": (vocabulary,),
    }


def log_probabilities(weights: Weights, windows: Ids) -> Floats:
    """Return the log-probability of each next character; windows (n, 40) give (n, vocabulary)."""
    logits = _layers(weights, windows)[-1]
    return _log_softmax(logits)


def gradients(weights: Weights, windows: Ids, targets: Ids) -> tuple[float, Weights]:
    """Return the mean cross-entropy in nats and its gradient in every weight."""
    flat, first, second, logits = _layers(weights, windows)
    count = len(targets)
    logs = _log_softmax(logits)
    loss = -float(logs[np.arange(count), targets].mean())
    error = np.exp(logs)
    error[np.arange(count), targets] -= 1
    error /= count
    into_second = (error @ weights["w3"].T) * (second > 0)
    into_first = (into_second @ weights["w2"].T) * (first > 0)
    into_flat = into_first @ weights["w1"].T
    embed = np.zeros_like(weights["embed"])
    one_hot = np.eye(len(embed), dtype="f4")[windows.ravel()]
    embed += one_hot.T @ into_flat.reshape(-1, EMBEDDING)
    return loss, {
        "embed": embed,
        "w1": flat.T @ into_first,
        "b1": into_first.sum(0),
        "w2": first.T @ into_second,
        "b2": into_second.sum(0),
        "w3": second.T @ error,
        "b3": error.sum(0),
    }


def _layers(weights: Weights, windows: Ids) -> tuple[Floats, Floats, Floats, Floats]:
    flat = weights["embed"][windows].reshape(len(windows), -1)
    first = np.maximum(flat @ weights["w1"] + weights["b1"], 0)
    second = np.maximum(first @ weights["w2"] + weights["b2"], 0)
    return flat, first, second, second @ weights["w3"] + weights["b3"]


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
