"""Log-likelihoods of given continuations over HTTP, and the proof that an endpoint really computes them.

Context and continuation are tokenised together, by the server. Texts are sent where it tells the texts of
their tokens, which makes one request of many pairs; token ids where it does not. White space at the end of
the context belongs to the continuation. A text begins with what the tokenizer puts before one (BOS), once.
An empty context is that token, or the one named by `-M prefix=...`. A prompt that is too long loses tokens
on the left, never any of the continuation. Where a token lies across the end of the context, there is no
continuation to score, which is an error.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from assay.errors import CapabilityMissing, EndpointRefused, ProviderUnavailable, RequestRefused
from assay.records import LogLikelihood, Pair
from harnesses.providers.openai_http.settings import Route
from harnesses.providers.openai_http.wire import Wire

PROBE = ("The capital of France is the city of Paris", "The capital of France is the city of bananas")
_ECHO = {"auto": (True, False), "echo": (True,), "prompt_logprobs": (False,)}
TOLERANCE = 0.05
"""How far log-probabilities may move between a request alone and one in a batch, in bf16."""
REMEDY = (
    "Serve the model with vLLM, or another server that returns the log-probabilities of the prompt;"
    " or choose a variant that lets the model write its answer (`:text`)."
)


class Entry(NamedTuple):
    """One token of a prompt: its log-probability, None for the first, and whether it was the likeliest."""

    logprob: float | None
    greedy: bool | None
    text: str


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
    opening: tuple[int, ...] = ()
    """Tokens that stand before every text: the tokenizer's BOS."""
    written: str = ""
    """How these are written in a text, which then needs them no more."""
    stand_in: tuple[int, ...] = ()
    """What an empty context is, where nothing stands before a text anyway."""
    skipped: int = 0
    """Tokens the server puts before a text that is sent as one."""

    async def score(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Score each continuation after its context, in order; raises ProviderError."""
        split = [boundary(pair) for pair in pairs]
        found: list[LogLikelihood | None] = [None] * len(split)
        if self.texts:
            found = await self._by_texts(split)
        left = [place for place, one in enumerate(found) if one is None]
        if left and not self.tokenizes:
            raise _merged(split[left[0]]) if split[left[0]].context else _unfounded(split[left[0]])
        for place, one in zip(left, await self._by_ids([split[place] for place in left]), strict=True):
            found[place] = one
        return [one for one in found if one is not None]

    async def entries(self, prompts: Sequence[str] | Sequence[list[int]]) -> list[list[Entry]]:
        """Ask for the log-probability of every token of some prompts; one that is not told is empty."""
        asked: dict[str, Any] = {
            "model": self.model,
            "prompt": list(prompts),
            "temperature": 0,
            "max_tokens": 1,
        }
        asked |= {"echo": True, "logprobs": 1} if self.echo else {"prompt_logprobs": 1}
        if self.tokenizes:
            asked["add_special_tokens"] = bool(self.skipped)
        answer = await self.wire.post("/completions", asked)
        choices = sorted(answer.get("choices") or (), key=lambda c: c.get("index", 0))
        if len(choices) != len(prompts):
            raise ProviderUnavailable(f"The endpoint answered {len(choices)} of {len(prompts)} prompts.")
        read = _echoed if self.echo else _prompted
        try:
            return [read(choice, prompts[place], self.skipped) for place, choice in enumerate(choices)]
        except (KeyError, TypeError, ValueError, StopIteration) as error:
            raise CapabilityMissing(
                f"it returned no log-probabilities of the prompt ({type(error).__name__}: {error}).",
                remedy=REMEDY,
            ) from error

    async def _by_texts(self, pairs: Sequence[Pair]) -> list[LogLikelihood | None]:
        """Send texts; None for those whose tokens do not part where the continuation begins."""
        texts = [pair.context + pair.continuation for pair in pairs]
        sent = [text for text in texts if not self.written or not text.startswith(self.written)]
        try:
            scored = dict(zip(sent, await self.entries(sent) if sent else (), strict=True))
        except RequestRefused:
            if not self.tokenizes:
                raise
            return [None] * len(pairs)
        return [_by_text(scored.get(text, ()), pair) for text, pair in zip(texts, pairs, strict=True)]

    async def _by_ids(self, pairs: Sequence[Pair]) -> list[LogLikelihood]:
        """Send token ids, cut on the left where they are too many."""
        if not pairs:
            return []
        texts = {text for pair in pairs for text in (pair.context, pair.context + pair.continuation) if text}
        known = await self._tokens(sorted(texts))
        cut = [self._cut(pair, known) for pair in pairs]
        scored = await self.entries([ids for ids, _ in cut])
        return [_total(one[-count:]) for one, (_, count) in zip(scored, cut, strict=True)]

    async def _tokens(self, texts: Sequence[str]) -> dict[str, list[int]]:
        """Tokenise texts, those that questions share once; nothing is put before them."""
        asked = (tokenize(self.wire, self.model, text, special=False) for text in texts)
        return dict(zip(texts, await asyncio.gather(*asked), strict=True))

    def _cut(self, pair: Pair, known: dict[str, list[int]]) -> tuple[list[int], int]:
        """Return a prompt that fits, and how many tokens at its end are the continuation's."""
        whole = known[pair.context + pair.continuation]
        before = known.get(pair.context, [])
        count = len(whole) - len(before)
        if count <= 0 or whole[: len(before)] != before:
            raise _merged(pair)
        opening = self.opening or (() if pair.context else self.stand_in)
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
        return whole[-room:], count


def boundary(pair: Pair) -> Pair:
    """Move white space at the context's end to the continuation; raises RequestRefused if it is empty."""
    if not pair.continuation:
        raise RequestRefused(
            "A continuation is empty, so it has no likelihood.", remedy="Mend the question's choices."
        )
    bare = pair.context.rstrip()
    return Pair(context=bare, continuation=pair.context[len(bare) :] + pair.continuation)


async def tokenize(wire: Wire, model: str, text: str, *, special: bool) -> list[int]:
    """Ask the server for the tokens of a text; raises ProviderError."""
    asked = {"model": model, "prompt": text, "add_special_tokens": special}
    answer = await wire.post_root("/tokenize", asked)
    tokens = answer.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(token, int) for token in tokens):
        raise CapabilityMissing("The endpoint does not tokenise.")
    return tokens


async def find_route(
    wire: Wire, *, model: str, route: Route, max_length: int | None, bos: bool | None = None, prefix: str = ""
) -> Likelihood:
    """Prove a way to score continuations, the first of those allowed; raises CapabilityMissing.

    `bos` says whether texts begin with the tokenizer's BOS, None that they do where it puts one;
    `prefix` is the text of the token that an empty context is.
    """
    tokenizes = await _can_tokenize(wire, model)
    start = await _openings(wire, model, prefix) if tokenizes else _Start((), "", ())
    if bos is False:
        start = _Start((), "", start.opening or start.stand_in)
    elif bos and not start.opening:
        start = _Start(start.stand_in, prefix, ())
    # A server that does not tokenise for us may still put a BOS before a text; that shows in its answer.
    skips = (len(start.opening),) if tokenizes else (0, 1) if bos is None else (int(bos),)
    problem = ""
    for echo in _ECHO[route]:
        for skipped in skips:
            way = Likelihood(
                wire=wire,
                model=model,
                echo=echo,
                tokenizes=tokenizes,
                texts=not tokenizes,
                max_length=max_length,
                opening=start.opening,
                written=start.written,
                stand_in=start.stand_in,
                skipped=skipped,
            )
            try:
                await _prove(way)
                return replace(way, texts=not tokenizes or await _tells_texts(way))
            except (CapabilityMissing, RequestRefused, EndpointRefused) as error:
                problem = error.what
    raise CapabilityMissing(f"The endpoint cannot score a given text: {problem}", remedy=REMEDY)


class _Start(NamedTuple):
    """How a text begins; see `Likelihood`."""

    opening: tuple[int, ...]
    written: str
    stand_in: tuple[int, ...]


async def _tells_texts(way: Likelihood) -> bool:
    """Check that texts give what token ids gave."""
    if way.opening and not way.written:
        return False
    cut = len("The capital of France is the city of")
    pairs = [Pair(context=text[:cut], continuation=text[cut:]) for text in PROBE]
    try:
        by_text = await way._by_texts(pairs)
    except CapabilityMissing:
        return False
    by_ids = await way._by_ids(pairs)
    return all(
        one is not None and one.tokens == other.tokens and abs(one.logprob - other.logprob) <= TOLERANCE * 10
        for one, other in zip(by_text, by_ids, strict=True)
    )


async def _openings(wire: Wire, model: str, prefix: str) -> _Start:
    """Find what the tokenizer puts before a text, and the token that `prefix` names."""
    bare = await tokenize(wire, model, PROBE[0], special=False)
    whole = await tokenize(wire, model, PROBE[0], special=True)
    first = next((i for i in range(len(whole)) if whole[i : i + len(bare)] == bare), 0)
    stand_in = await tokenize(wire, model, prefix, special=False) if prefix else []
    if len(stand_in) > 1:
        raise CapabilityMissing(
            f"{prefix!r} is {len(stand_in)} tokens.", remedy="Name one token with -M prefix=..."
        )
    written = await _detokenize(wire, model, whole[:first]) if first else ""
    return _Start(tuple(whole[:first]), written, tuple(stand_in))


async def _detokenize(wire: Wire, model: str, ids: list[int]) -> str:
    """Ask how tokens are written; empty where the server does not say."""
    try:
        answer = await wire.post_root("/detokenize", {"model": model, "tokens": ids})
    except (RequestRefused, ProviderUnavailable):
        return ""
    return str(answer.get("prompt") or "")


async def _can_tokenize(wire: Wire, model: str) -> bool:
    try:
        return len(await tokenize(wire, model, PROBE[0], special=False)) > 1
    except (CapabilityMissing, RequestRefused, ProviderUnavailable):
        return False


async def _prove(way: Likelihood) -> None:
    """Ask for two texts that differ in their end: alone, again, and together."""
    texts: list[Any] = [
        await tokenize(way.wire, way.model, text, special=False) if way.tokenizes else text for text in PROBE
    ]
    alone = [(await way.entries([text]))[0] for text in texts]
    together = await way.entries(texts)
    for one, again, text in zip(alone, together, texts, strict=True):
        if not one:
            raise CapabilityMissing("its tokens are not those of the text.")
        if way.tokenizes and len(one) != len(text):
            raise CapabilityMissing(f"it returned {len(one)} log-probabilities for {len(text)} tokens.")
        if one[0].logprob is not None and (way.tokenizes or not way.skipped):
            raise CapabilityMissing("it gave the first token a probability, though nothing stands before it.")
        values = [entry.logprob for entry in one[1:]]
        if not values or any(v is None or v > TOLERANCE for v in values) or len(set(values)) == 1:
            raise CapabilityMissing("it returned values that are no log-probabilities of the tokens.")
        if any(_apart(x, y) for x, y in zip(one, again, strict=True)):
            raise CapabilityMissing("it returned other values alone than in a batch.")
    shared = (
        sum(1 for x, y in zip(texts[0].split(), texts[1].split(), strict=False) if x == y) - 1
        if not way.tokenizes
        else _common(texts)
    )
    first, second = alone
    if any(_apart(first[i], second[i]) for i in range(1, shared)):
        raise CapabilityMissing("its values for equal beginnings of two texts differ.")
    if first[-1].logprob == second[-1].logprob:
        raise CapabilityMissing("its values do not depend on the text.")


def _common(texts: Sequence[Sequence[int]]) -> int:
    return next(i for i, (x, y) in enumerate(zip(*texts, strict=False)) if x != y)


def _apart(x: Entry, y: Entry) -> bool:
    return (
        x.logprob is not None
        and y.logprob is not None
        and abs(x.logprob - y.logprob) > TOLERANCE * (1 + abs(x.logprob))
    )


def _echoed(choice: dict[str, Any], prompt: str | list[int], skipped: int) -> list[Entry]:
    """Read `logprobs` of an echoed prompt, without the token that was generated after it."""
    given = choice["logprobs"]
    tops = given.get("top_logprobs") or [None] * len(given["tokens"])
    entries = [
        Entry(value, None if value is None or not top else value >= max(top.values()), text)
        for text, value, top in zip(given["tokens"], given["token_logprobs"], tops, strict=True)
    ]
    if isinstance(prompt, list):
        return entries[: len(prompt)]
    length, kept = 0, []
    for entry in entries[skipped:]:
        if length >= len(prompt):
            break
        kept.append(entry)
        length += len(entry.text)
    return kept if _tells(kept, prompt) else []


def _prompted(choice: dict[str, Any], prompt: str | list[int], skipped: int) -> list[Entry]:
    """Read vLLM's `prompt_logprobs`: for each token the chosen one and the likeliest, null for the first."""
    entries = []
    for place, given in enumerate(choice["prompt_logprobs"]):
        if given is None:
            entries.append(Entry(None, None, ""))
            continue
        chosen = given[str(prompt[place])] if isinstance(prompt, list) else next(iter(given.values()))
        best = max(one["logprob"] for one in given.values())
        text = chosen.get("decoded_token") or ""
        entries.append(Entry(chosen["logprob"], chosen["logprob"] >= best, text))
    if isinstance(prompt, list):
        return entries
    kept = entries[skipped:]
    if not skipped and kept:
        first = max(0, len(prompt) - sum(len(entry.text) for entry in kept))
        kept[0] = kept[0]._replace(text=prompt[:first])
    return kept if _tells(kept, prompt) else []


def _tells(entries: Sequence[Entry], prompt: str) -> bool:
    """Say whether the texts of tokens are those of a text; one without any may be half a character."""
    return all(entry.text for entry in entries) and "".join(entry.text for entry in entries) == prompt


def _by_text(entries: Sequence[Entry], pair: Pair) -> LogLikelihood | None:
    """Take the tokens after the end of the context; None where one lies across it, or none were told."""
    length, kept = 0, []
    for entry in entries:
        if length >= len(pair.context):
            kept.append(entry)
        elif length + len(entry.text) > len(pair.context):
            return None
        length += len(entry.text)
    if not kept or kept[0].logprob is None:
        return None
    return _total(kept)


def _total(entries: Sequence[Entry]) -> LogLikelihood:
    values = [entry.logprob for entry in entries]
    known = [value for value in values if value is not None]
    if not known or len(known) != len(values):
        raise ProviderUnavailable("The endpoint left out log-probabilities of the continuation.")
    greedy = (
        None if any(entry.greedy is None for entry in entries) else all(entry.greedy for entry in entries)
    )
    return LogLikelihood(logprob=sum(known), tokens=len(known), greedy=greedy)


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
