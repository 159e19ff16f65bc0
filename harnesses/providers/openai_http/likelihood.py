"""Log-likelihoods of given continuations over HTTP.

Context and continuation are tokenised together, by the server. Texts are sent where it tells the texts of
their tokens, which makes one request of many pairs; token ids where it does not. White space at the end of
the context belongs to the continuation. A text begins with what the tokenizer puts before one (BOS), once.
An empty context is that token, or the one named by `-M prefix=...`. A prompt that is too long loses tokens
on the left, never any of the continuation. Where a token lies across the end of the context, there is no
continuation to score, which is an error. A rolling text that is too long is sent in windows of token ids.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assay.errors import CapabilityMissing, ProviderUnavailable, RequestRefused
from assay.records import LogLikelihood, Pair
from harnesses.providers.openai_http import chosen
from harnesses.providers.openai_http.entries import Entry, Prompt, after, echoed, prompted, total
from harnesses.providers.openai_http.tokens import Start, tokenize_all
from harnesses.providers.openai_http.wire import Wire
from harnesses.providers.pairs import Window, begun, boundary, joined, whole_text, windows

TOGETHER = 8
"""Windows of long texts sent in one request."""
REMEDY = (
    "Serve the model with vLLM, or another server that returns the log-probabilities of the prompt;"
    " or choose a variant that lets the model write its answer (`:text`)."
)


@dataclass(frozen=True, kw_only=True)
class Likelihood:
    """A proven way to score continuations at one endpoint."""

    wire: Wire
    model: str
    echo: bool
    """By `echo`, else by `prompt_logprobs`."""
    tokenizes: bool
    """Whether the server tokenises for us, so that prompts can be sent as token ids."""
    texts: bool
    """Whether it returns the texts of a text's tokens, which tell where the continuation begins."""
    max_length: int | None
    start: Start = Start()
    skipped: int = 0
    """Tokens the server puts before a text that is sent as one."""
    chooses: bool = False
    """Whether it tells the log-probabilities of tokens that we choose, after a context."""

    async def score(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score each continuation after its context, in order; raises ProviderError."""
        plain = {place: boundary(pair) for place, pair in enumerate(pairs) if not pair.rolling}
        whole = {place: whole_text(pair) for place, pair in enumerate(pairs) if pair.rolling}
        found = await self.by_choice(plain) if self.chooses else {}
        left = _without(plain, found)
        found |= await self.by_texts(left) if self.texts else {}
        left = _without(plain, found)
        if left and not self.tokenizes:
            first = next(iter(left.values()))
            raise _merged(first) if first.context else _unfounded(first)
        found |= await self.by_ids(left)
        found |= await (self._by_windows(whole) if self.tokenizes else self._uncut(whole))
        return [found[place] for place in range(len(pairs))]

    async def entries(self, prompts: Sequence[Prompt], *, proving: bool = False) -> list[list[Entry]]:
        """Ask for the log-probability of every token of some prompts; one that is not told is empty.

        While `proving`, token ids must come back as they were sent, where the server returns them.
        """
        asked: dict[str, Any] = {
            "model": self.model,
            "prompt": list(prompts),
            "temperature": 0,
            "max_tokens": 1,
        }
        asked |= {"echo": True, "logprobs": 1} if self.echo else {"prompt_logprobs": 1}
        if self.tokenizes:
            asked["add_special_tokens"] = bool(self.skipped)
        if proving and self.tokenizes:
            asked["return_token_ids"] = True
        answer = await self.wire.post("/completions", asked)
        choices = sorted(answer.get("choices") or (), key=lambda c: c.get("index", 0))
        if len(choices) != len(prompts):
            raise ProviderUnavailable(f"The endpoint answered {len(choices)} of {len(prompts)} prompts.")
        if proving and any(_others(choices[place], prompt) for place, prompt in enumerate(prompts)):
            raise CapabilityMissing("it scored other tokens than it was sent.", remedy=REMEDY)
        read = echoed if self.echo else prompted
        try:
            return [
                read(choice, prompts[place], skipped=self.skipped) for place, choice in enumerate(choices)
            ]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, StopIteration) as error:
            raise CapabilityMissing(
                "it returned no log-probabilities of the prompt.", remedy=REMEDY
            ) from error

    async def by_choice(self, pairs: Mapping[int, Pair]) -> dict[int, LogLikelihood]:
        """Ask once for all continuations of a context that are one token each; others are left out."""
        cut: dict[int, Window] = {}
        some = chosen.may_share(pairs)
        known = await self._tokens(some)
        for place, pair in some.items():
            with suppress(RequestRefused):
                cut[place] = self._cut(pair, known)
        groups = chosen.shared(cut)
        wanted = {context: set(tokens.values()) for context, tokens in groups.items()}
        told = await chosen.ask(self.wire, self.model, wanted)
        return {
            place: told[context].of(token)
            for context, tokens in groups.items()
            if context in told
            for place, token in tokens.items()
        }

    async def by_texts(self, pairs: Mapping[int, Pair]) -> dict[int, LogLikelihood]:
        """Send texts; those whose tokens do not part where the continuation begins are left out."""
        texts = {place: pair.context + pair.continuation for place, pair in pairs.items()}
        written = self.start.written
        sent = [text for text in texts.values() if not written or not text.startswith(written)]
        try:
            told = dict(zip(sent, await self.entries(sent) if sent else (), strict=True))
        except RequestRefused:
            if not self.tokenizes:
                raise
            return {}
        scored = {place: after(told.get(texts[place], ()), pair.context) for place, pair in pairs.items()}
        return {place: one for place, one in scored.items() if one is not None}

    async def by_ids(self, pairs: Mapping[int, Pair]) -> dict[int, LogLikelihood]:
        """Send token ids, cut on the left where they are too many."""
        known = await self._tokens(pairs)
        cut = [self._cut(pair, known) for pair in pairs.values()]
        return dict(zip(pairs, await self._scored(cut), strict=True))

    async def _by_windows(self, texts: Mapping[int, str]) -> dict[int, LogLikelihood]:
        """Send whole texts as token ids, in windows where they are too long."""
        known = await tokenize_all(self.wire, self.model, texts.values())
        found = {}
        for place, text in texts.items():
            cut = self._windows(known[text])
            parts: list[LogLikelihood] = []
            try:
                for first in range(0, len(cut), TOGETHER):
                    parts += await self._scored(cut[first : first + TOGETHER])
            except RequestRefused as error:
                if self.max_length is not None:
                    raise
                raise RequestRefused(
                    f"The endpoint does not say how long a window may be; {error.what}",
                    remedy="Say how many tokens the model takes: -M max_length=...",
                ) from error
            found[place] = joined(parts)
        return found

    async def _uncut(self, texts: Mapping[int, str]) -> dict[int, LogLikelihood]:
        """Send whole texts as they are, for only the server can cut them."""
        if not texts:
            return {}
        try:
            told = await self.entries(list(texts.values()))
        except RequestRefused as error:
            raise RequestRefused(
                f"The endpoint does not tokenise, so no text is cut into windows for it; {error.what}",
                remedy="Serve the model with vLLM, or another server with /tokenize, or give shorter texts.",
            ) from error
        found = {}
        for (place, text), entries in zip(texts.items(), told, strict=True):
            scored = after(entries, "")
            if scored is None:
                raise _unfounded(Pair(context="", continuation=text))
            found[place] = scored
        return found

    async def _tokens(self, pairs: Mapping[int, Pair]) -> dict[str, list[int]]:
        """Tokenise contexts, and each with its continuation."""
        texts = [text for pair in pairs.values() for text in (pair.context, pair.context + pair.continuation)]
        return await tokenize_all(self.wire, self.model, texts)

    async def _scored(self, cut: Sequence[Window]) -> list[LogLikelihood]:
        if not cut:
            return []
        told = await self.entries([window.ids for window in cut])
        return [total(entries[-window.own :]) for entries, window in zip(told, cut, strict=True)]

    def _windows(self, ids: list[int]) -> list[Window]:
        opening = self.start.opening or self.start.stand_in
        whole = begun(ids, opening)
        room = len(whole) if self.max_length is None else self.max_length - 1
        return windows(whole, given=len(opening), room=room)

    def _cut(self, pair: Pair, known: Mapping[str, list[int]]) -> Window:
        """Take a prompt that fits, with all of its continuation."""
        whole = known[pair.context + pair.continuation]
        before = known.get(pair.context, [])
        count = len(whole) - len(before)
        if count <= 0 or whole[: len(before)] != before:
            raise _merged(pair)
        opening = self.start.opening or (() if pair.context else self.start.stand_in)
        if whole[: len(opening)] == list(opening):
            count -= 0 if pair.context else len(opening)
        else:
            whole = [*opening, *whole]
        if count <= 0 or count == len(whole):
            raise _unfounded(pair)
        room = (self.max_length or len(whole) + 1) - 1
        if count >= room:
            raise RequestRefused(
                f"The continuation alone has {count} tokens and the context takes {room}.",
                remedy="Serve the model with a longer context.",
            )
        return Window(whole[-room:], count)


def _others(choice: Mapping[str, object], prompt: Prompt) -> bool:
    told = choice.get("prompt_token_ids")
    return isinstance(prompt, list) and told is not None and told != prompt


def _without(pairs: Mapping[int, Pair], found: Mapping[int, LogLikelihood]) -> dict[int, Pair]:
    return {place: pair for place, pair in pairs.items() if place not in found}


def _merged(pair: Pair) -> RequestRefused:
    return RequestRefused(
        f"The tokens of {pair.continuation[:40]!r} merge with those of its context.",
        remedy="Change the prompt so that the answer begins with a blank.",
    )


def _unfounded(pair: Pair) -> RequestRefused:
    return RequestRefused(
        f"{pair.continuation[:40]!r} has no token before it to condition on.",
        remedy="Give the question a context, or name the token to take with -M prefix=...",
    )
