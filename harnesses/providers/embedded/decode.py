"""What the model is asked: to continue texts, and how likely continuations are; many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.records import Completion, LogLikelihood, Pair, Sampling
from harnesses.providers.embedded.files import Model
from harnesses.providers.embedded.network import PAD, WINDOW, Floats, Ids, log_probabilities

ROWS = 4096
"""Windows looked at in one go."""
BLANK = (PAD,) * WINDOW
"""What stands before every text."""


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
    """Sum the log-probabilities of each continuation's characters after its context.

    What the network looks at moves on with each character, so that no text is too long for it.
    """
    if not pairs:
        return []
    encoded = [(model.vocabulary.encode(p.context), model.vocabulary.encode(p.continuation)) for p in pairs]
    # All texts in one array, each after what no window may cross; a window ends before the place it scores.
    flat = np.array([number for before, after in encoded for number in (*BLANK, *before, *after)])
    lengths = np.array([len(after) for _, after in encoded])
    ends = np.cumsum([WINDOW + len(before) + len(after) for before, after in encoded])
    places = np.concatenate([np.arange(end - own, end) for end, own in zip(ends, lengths, strict=True)])
    chosen, greedy = _looked_up(model, flat, places)
    cuts = np.cumsum(lengths)[:-1]
    return [
        LogLikelihood(logprob=float(values.sum()), tokens=len(values), greedy=bool(best.all()))
        for values, best in zip(np.split(chosen, cuts), np.split(greedy, cuts), strict=True)
    ]


def _begin(model: Model, prompt: str, sampling: Sampling, sample: int) -> Running:
    ids = model.vocabulary.encode(prompt)
    window = [*BLANK, *ids][-WINDOW:]
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


def _looked_up(model: Model, flat: Ids, places: Ids) -> tuple[Floats, NDArray[np.bool_]]:
    windows = np.lib.stride_tricks.sliding_window_view(flat, WINDOW)
    chosen, greedy = [], []
    for start in range(0, len(places), ROWS):
        some = places[start : start + ROWS]
        logs = log_probabilities(model.weights, windows[some - WINDOW])
        chosen.append(logs[np.arange(len(some)), flat[some]])
        greedy.append(logs.argmax(axis=1) == flat[some])
    return np.concatenate(chosen), np.concatenate(greedy)
