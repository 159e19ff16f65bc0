"""The proof that an endpoint really computes log-likelihoods, and by which way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assay.errors import CapabilityMissing, EndpointRefused, ProviderUnavailable, RequestRefused
from assay.records import Pair
from harnesses.providers.openai_http.chosen import ask
from harnesses.providers.openai_http.entries import Entry
from harnesses.providers.openai_http.likelihood import REMEDY, Likelihood
from harnesses.providers.openai_http.settings import Route
from harnesses.providers.openai_http.tokens import SAMPLE, Start, can_tokenize, find_start, tokenize
from harnesses.providers.openai_http.wire import Wire

BEGINNING = "The capital of France is the city of"
PROBE = (SAMPLE, f"{BEGINNING} bananas")
_ECHO = {"auto": (True, False), "echo": (True,), "prompt_logprobs": (False,)}
TOLERANCE = 0.05
"""How far log-probabilities may move between a request alone and one in a batch, in bf16."""


async def find_route(
    wire: Wire, *, model: str, route: Route, max_length: int | None, bos: bool | None = None, prefix: str = ""
) -> Likelihood:
    """Prove a way to score continuations, the first of those allowed; raises CapabilityMissing.

    `bos` says whether texts begin with the tokenizer's BOS, None that they do where it puts one;
    `prefix` is the text of the token that an empty context is.
    """
    tokenizes = await can_tokenize(wire, model)
    start = await find_start(wire, model, prefix=prefix, bos=bos) if tokenizes else Start()
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
                start=start,
                skipped=skipped,
            )
            try:
                await _prove(way)
                if not tokenizes:
                    return way
                return replace(way, texts=await _tells_texts(way), chooses=await _chooses(way))
            except (CapabilityMissing, RequestRefused, EndpointRefused) as error:
                problem = error.what
    raise CapabilityMissing(f"The endpoint cannot score a given text: {problem}", remedy=REMEDY)


async def _tells_texts(way: Likelihood) -> bool:
    """Check that texts give what token ids gave."""
    if way.start.opening and not way.start.written:
        return False
    pairs = {
        place: Pair(context=BEGINNING, continuation=text[len(BEGINNING) :])
        for place, text in enumerate(PROBE)
    }
    try:
        by_text = await way.by_texts(pairs)
    except CapabilityMissing:
        return False
    by_ids = await way.by_ids(pairs)
    return by_text.keys() == by_ids.keys() and all(
        one.tokens == by_ids[place].tokens and abs(one.logprob - by_ids[place].logprob) <= TOLERANCE * 10
        for place, one in by_text.items()
    )


async def _chooses(way: Likelihood) -> bool:
    """Check that tokens chosen after a context have the values they have as its next ones."""
    texts = [await tokenize(way.wire, way.model, text, special=False) for text in PROBE]
    shared = _common(texts)
    context, ends = tuple(texts[0][:shared]), [text[shared] for text in texts]
    wanted = await way.entries([text[: shared + 1] for text in texts])
    try:
        told = (await ask(way.wire, way.model, {context: set(ends)})).get(context)
    except (CapabilityMissing, RequestRefused, ProviderUnavailable):
        return False
    return told is not None and not any(
        _apart(Entry(told.logprobs[end], None, ""), entries[-1])
        for end, entries in zip(ends, wanted, strict=True)
    )


async def _prove(way: Likelihood) -> None:
    """Ask for two texts that differ in their end: alone, again, and together.

    Whether the sensible end is the likelier one is not asked: a model with random weights, or one at the
    beginning of its training, may honestly find the other one so. What that would show of the endpoint,
    values of other places or of other tokens, shows here too: the first token has none, equal beginnings
    have equal ones, and the ends differ.
    """
    texts: list[Any] = [
        await tokenize(way.wire, way.model, text, special=False) if way.tokenizes else text for text in PROBE
    ]
    alone = [(await way.entries([text], proving=True))[0] for text in texts]
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
