"""Log-probabilities of tokens that we choose, after a context that is read once: for answers of one token.

vLLM tells them by `logprob_token_ids`, from the logits before any sampling setting, so they are those of the
ordinary route. The likeliest tokens that other servers tell (`top_logprobs`) hold all choices only by chance.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from assay.records import LogLikelihood, Pair
from harnesses.providers.openai_http.wire import Wire
from harnesses.providers.pairs import Window

MOST = 128
"""Tokens that may be chosen in one request."""
SHORT = 12
"""Letters above which an answer is hardly one token, so that its tokens are not asked for."""
Context = tuple[int, ...]


class Told(NamedTuple):
    """What was told of the place after a context."""

    logprobs: Mapping[int, float]
    likeliest: int

    def of(self, token: int) -> LogLikelihood:
        """Return what was told of one token."""
        return LogLikelihood(logprob=self.logprobs[token], tokens=1, greedy=token == self.likeliest)


def may_share(pairs: Mapping[int, Pair]) -> dict[int, Pair]:
    """Find short continuations whose context others have too: the tokens of these are worth asking for."""
    groups: dict[str, list[int]] = {}
    for place, pair in pairs.items():
        groups.setdefault(pair.context, []).append(place)
    return {
        place: pairs[place]
        for group in groups.values()
        if len(group) > 1 and all(len(pairs[place].continuation) <= SHORT for place in group)
        for place in group
    }


def shared(windows: Mapping[int, Window]) -> dict[Context, dict[int, int]]:
    """Group windows of one scored token by what stands before it; gives the token of each."""
    found: dict[Context, dict[int, int]] = {}
    for place, window in windows.items():
        if window.own == 1:
            found.setdefault(tuple(window.ids[:-1]), {})[place] = window.ids[-1]
    return {context: tokens for context, tokens in found.items() if len(tokens) > 1}


async def ask(wire: Wire, model: str, wanted: Mapping[Context, set[int]]) -> dict[Context, Told]:
    """Ask for the tokens after each context, several contexts to a request; what was not told is left out."""
    found: dict[Context, Told] = {}
    for contexts in _requests(wanted):
        tokens = sorted(set().union(*(wanted[context] for context in contexts)))
        answer = await wire.post(
            "/completions",
            {
                "model": model,
                "prompt": [list(context) for context in contexts],
                "temperature": 0,
                "max_tokens": 1,
                "logprobs": 1,
                "logprob_token_ids": tokens,
                "return_tokens_as_token_ids": True,
                # What the server's own settings would change of the likeliest token, not of its probability.
                "repetition_penalty": 1.0,
            },
        )
        choices = sorted(answer.get("choices") or (), key=lambda c: c.get("index", 0))
        for context, choice in zip(contexts, choices, strict=False):
            told = _read(choice)
            if told is not None and wanted[context] <= told.logprobs.keys():
                found[context] = told
    return found


def _requests(wanted: Mapping[Context, set[int]]) -> Iterator[list[Context]]:
    some: list[Context] = []
    tokens: set[int] = set()
    for context, more in wanted.items():
        if len(more) > MOST:
            continue
        if some and len(tokens | more) > MOST:
            yield some
            some, tokens = [], set()
        some.append(context)
        tokens |= more
    if some:
        yield some


def _read(choice: dict[str, Any]) -> Told | None:
    """Read `{"token_id:5": -1.2}`; None from a server that has not understood."""
    try:
        given = choice["logprobs"]
        tops = given["top_logprobs"][0]
        return Told(
            {_number(name): float(value) for name, value in tops.items()}, _number(given["tokens"][0])
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None


def _number(name: str) -> int:
    prefix, _, digits = name.partition(":")
    if prefix != "token_id":
        raise ValueError(name)
    return int(digits)
