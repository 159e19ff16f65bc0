"""The tokens of texts, told by the server, and how a text begins."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from assay.errors import CapabilityMissing, ProviderUnavailable, RequestRefused
from harnesses.providers.openai_http.wire import Wire

SAMPLE = "The capital of France is the city of Paris"


class Start(NamedTuple):
    """How a text begins."""

    opening: tuple[int, ...] = ()
    """Tokens that stand before every text: the tokenizer's BOS."""
    written: str = ""
    """How these are written in a text, which then needs them no more."""
    stand_in: tuple[int, ...] = ()
    """What an empty context is, where nothing stands before a text anyway."""


async def tokenize(wire: Wire, model: str, text: str, *, special: bool) -> list[int]:
    """Ask the server for the tokens of a text; raises ProviderError."""
    asked = {"model": model, "prompt": text, "add_special_tokens": special}
    answer = await wire.post_root("/tokenize", asked)
    tokens = answer.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(token, int) for token in tokens):
        raise CapabilityMissing("The endpoint does not tokenise.")
    return tokens


async def tokenize_all(wire: Wire, model: str, texts: Iterable[str]) -> dict[str, list[int]]:
    """Tokenise texts, equal ones once; nothing is put before them."""
    wanted = sorted({text for text in texts if text})
    asked = (tokenize(wire, model, text, special=False) for text in wanted)
    return dict(zip(wanted, await asyncio.gather(*asked), strict=True))


async def can_tokenize(wire: Wire, model: str) -> bool:
    """Say whether the server tells the tokens of a text."""
    try:
        return len(await tokenize(wire, model, SAMPLE, special=False)) > 1
    except (CapabilityMissing, RequestRefused, ProviderUnavailable):
        return False


async def find_start(wire: Wire, model: str, *, prefix: str, bos: bool | None) -> Start:
    """Find what the tokenizer puts before a text, and the token that `prefix` names.

    `bos` says whether texts begin with that, None that they do where the tokenizer has it so.
    """
    bare = await tokenize(wire, model, SAMPLE, special=False)
    whole = await tokenize(wire, model, SAMPLE, special=True)
    first = next((i for i in range(len(whole)) if whole[i : i + len(bare)] == bare), 0)
    named = tuple(await tokenize(wire, model, prefix, special=False) if prefix else ())
    if len(named) > 1:
        raise CapabilityMissing(
            f"{prefix!r} is {len(named)} tokens.", remedy="Name one token with -M prefix=..."
        )
    put = tuple(whole[:first])
    if bos is False:
        return Start(stand_in=put or named)
    if bos and not put:
        return Start(opening=named, written=prefix)
    return Start(put, await _detokenize(wire, model, whole[:first]) if first else "", named)


async def _detokenize(wire: Wire, model: str, ids: list[int]) -> str:
    """Ask how tokens are written; empty where the server does not say."""
    try:
        answer = await wire.post_root("/detokenize", {"model": model, "tokens": ids})
    except (RequestRefused, ProviderUnavailable):
        return ""
    return str(answer.get("prompt") or "")
