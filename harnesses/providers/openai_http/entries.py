"""What an endpoint says of each token of a prompt, read from either form of its answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from assay.errors import ProviderUnavailable
from assay.records import LogLikelihood

Prompt = str | list[int]


class Entry(NamedTuple):
    """One token of a prompt: its log-probability, None for the first, and whether it was the likeliest."""

    logprob: float | None
    greedy: bool | None
    text: str


def echoed(choice: dict[str, Any], prompt: Prompt, *, skipped: int) -> list[Entry]:
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


def prompted(choice: dict[str, Any], prompt: Prompt, *, skipped: int) -> list[Entry]:
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


def after(entries: Sequence[Entry], context: str) -> LogLikelihood | None:
    """Add up the tokens after the context; None where one lies across its end, or none were told."""
    length, kept = 0, []
    for entry in entries:
        if length >= len(context):
            kept.append(entry)
        elif length + len(entry.text) > len(context):
            return None
        length += len(entry.text)
    if not kept or kept[0].logprob is None:
        return None
    return total(kept)


def total(entries: Sequence[Entry]) -> LogLikelihood:
    """Add up log-probabilities; raises ProviderUnavailable where one was left out."""
    values = [entry.logprob for entry in entries]
    known = [value for value in values if value is not None]
    if not known or len(known) != len(values):
        raise ProviderUnavailable("The endpoint left out log-probabilities of the continuation.")
    greedy = (
        None if any(entry.greedy is None for entry in entries) else all(entry.greedy for entry in entries)
    )
    return LogLikelihood(logprob=sum(known), tokens=len(known), greedy=greedy)


def _tells(entries: Sequence[Entry], prompt: str) -> bool:
    """Say whether the texts of tokens are those of a text; one without any may be half a character."""
    return all(entry.text for entry in entries) and "".join(entry.text for entry in entries) == prompt
