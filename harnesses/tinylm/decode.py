"""What the model is asked: to continue texts, and how likely continuations are; many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.records import Completion, LogLikelihood, Pair, Sampling
from harnesses.tinylm.files import Model
from harnesses.tinylm.network import PAD, WINDOW, Floats, Ids, log_probabilities

ROWS = 4096
"""Windows looked at in one go."""


@dataclass
class Running:
    """One text that is being continued."""

    window: list[int]
    sampling: Sampling
    chance: np.random.Generator
    prompt_tokens: int
    written: str = ""
    tokens: int = 0
    finish: str | None = None


def generate(model: Model, prompts: Sequence[tuple[str, Sampling, int]]) -> list[Completion]:
    """Continue texts; each comes with its sampling and the index of its sample."""
    texts = [_begin(model, *prompt) for prompt in prompts]
    while running := [text for text in texts if text.finish is None]:
        windows = np.array([text.window for text in running])
        for text, logs in zip(running, log_probabilities(model.weights, windows), strict=True):
            _extend(model, text, logs)
    return [
        Completion(
            text=text.written,
            finish_reason="length" if text.finish == "length" else "stop",
            prompt_tokens=text.prompt_tokens,
            completion_tokens=text.tokens,
        )
        for text in texts
    ]


def score(model: Model, pairs: Sequence[Pair]) -> list[LogLikelihood]:
    """Sum the log-probabilities of each continuation's characters after its context."""
    if not pairs:
        return []
    encoded = [(model.vocabulary.encode(p.context), model.vocabulary.encode(p.continuation)) for p in pairs]
    flat = [[PAD] * WINDOW + before + after for before, after in encoded]
    windows = np.concatenate(
        [_windows(text, count=len(after)) for text, (_, after) in zip(flat, encoded, strict=True)]
    )
    targets = np.concatenate([np.array(after) for _, after in encoded])
    chosen, greedy = _looked_up(model, windows, targets)
    ends = np.cumsum([len(after) for _, after in encoded])[:-1]
    return [
        LogLikelihood(logprob=float(values.sum()), tokens=len(values), greedy=bool(best.all()))
        for values, best in zip(np.split(chosen, ends), np.split(greedy, ends), strict=True)
    ]


def _begin(model: Model, prompt: str, sampling: Sampling, sample: int) -> Running:
    ids = model.vocabulary.encode(prompt)
    window = ([PAD] * WINDOW + ids)[-WINDOW:]
    seed = (sampling.seed or 0) % 2**64
    return Running(window, sampling, np.random.default_rng([seed, sample, *ids]), len(ids))


def _extend(model: Model, text: Running, logs: Floats) -> None:
    number = _pick(logs, text.sampling, text.chance)
    text.window = [*text.window[1:], number]
    text.tokens += 1
    text.written += model.vocabulary.decode([number])
    stop = min((at for s in text.sampling.stop if (at := text.written.find(s)) >= 0), default=None)
    if stop is not None:
        text.written, text.finish = text.written[:stop], "stop"
    elif number == PAD:
        text.finish = "stop"
    elif text.tokens >= text.sampling.max_tokens:
        text.finish = "length"


def _pick(logs: Floats, sampling: Sampling, chance: np.random.Generator) -> int:
    if sampling.temperature == 0:
        return int(logs.argmax())
    shares = np.exp((logs - logs.max()).astype(np.float64) / sampling.temperature)
    shares /= shares.sum()
    if sampling.top_p is not None:
        order = np.argsort(-shares)
        within = np.cumsum(shares[order]) - shares[order] < sampling.top_p
        shares[order[~within]] = 0
        shares /= shares.sum()
    return int(chance.choice(len(shares), p=shares))


def _windows(text: Sequence[int], *, count: int) -> Ids:
    return np.lib.stride_tricks.sliding_window_view(np.array(text), WINDOW)[-count - 1 : -1]


def _looked_up(model: Model, windows: Ids, targets: Ids) -> tuple[Floats, NDArray[np.bool_]]:
    chosen, greedy = [], []
    for start in range(0, len(targets), ROWS):
        logs = log_probabilities(model.weights, windows[start : start + ROWS])
        wanted = targets[start : start + ROWS]
        chosen.append(logs[np.arange(len(wanted)), wanted])
        greedy.append(logs.argmax(axis=1) == wanted)
    return np.concatenate(chosen), np.concatenate(greedy)
