"""Train the model on documents and save checkpoints on the way."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from harnesses.providers.embedded.files import Model, save
from harnesses.providers.embedded.network import (
    PAD,
    WINDOW,
    Ids,
    Vocabulary,
    Weights,
    fresh_weights,
    gradients,
)

BATCH = 384
RATE = 3e-3
DECAY = (0.9, 0.98)
TINY = 1e-8


def train(
    documents: Sequence[str],
    *,
    checkpoints: Sequence[int],
    folder: Path,
    run: str,
    seed: int = 0,
    tell: Callable[[int, float], None] = lambda step, loss: None,
) -> list[Path]:
    """Train to the last of `checkpoints`, saving at each, in steps; returns the saved folders.

    `tell` is called at each checkpoint with the step and the mean loss since the one before, in nats.
    """
    vocabulary = Vocabulary("\0" + "".join(sorted(set("".join(documents)))))
    windows, targets = examples(documents, vocabulary)
    weights = fresh_weights(vocabulary.size, seed=seed)
    optimiser = Adam(weights, steps=max(checkpoints))
    chance = np.random.default_rng(seed)
    saved, losses = [], []
    for step in range(1, max(checkpoints) + 1):
        chosen = chance.integers(0, len(targets), BATCH)
        loss, gradient = gradients(weights, windows[chosen], targets[chosen])
        optimiser.update(weights, gradient, step)
        losses.append(loss)
        if step in checkpoints:
            saved.append(save(Model(vocabulary, weights, run=run, step=step), folder))
            tell(step, float(np.mean(losses)))
            losses.clear()
    return saved


def examples(documents: Sequence[str], vocabulary: Vocabulary) -> tuple[Ids, Ids]:
    """Cut documents into windows, (n, 40), and the character after each; no window crosses documents."""
    padded = [[PAD] * WINDOW + vocabulary.encode(document) for document in documents]
    flat = np.array([number for one in padded for number in one])
    every = np.lib.stride_tricks.sliding_window_view(flat, WINDOW)[:-1]
    inside = np.concatenate([np.r_[np.zeros(WINDOW), np.ones(len(one) - WINDOW)] for one in padded])
    places = np.flatnonzero(inside) - WINDOW
    return every[places], flat[places + WINDOW]


class Adam:
    """Adam (Kingma and Ba 2015) with a rate that falls to a tenth along a cosine."""

    def __init__(self, weights: Weights, *, steps: int) -> None:
        self._steps = steps
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}

    def update(self, weights: Weights, gradient: Weights, step: int) -> None:
        """Move the weights, in place."""
        rate = RATE * (0.55 + 0.45 * np.cos(np.pi * step / self._steps))
        for name, slope in gradient.items():
            mean, square = self._mean[name], self._square[name]
            mean += (1 - DECAY[0]) * (slope - mean)
            square += (1 - DECAY[1]) * (slope * slope - square)
            corrected = mean / (1 - DECAY[0] ** step)
            weights[name] -= rate * corrected / (np.sqrt(square / (1 - DECAY[1] ** step)) + TINY)
