"""Which tokens of a pair are scored: where a continuation begins, and in which windows a long text."""

from collections.abc import Sequence
from typing import NamedTuple

from assay.errors import RequestRefused
from assay.records import LogLikelihood, Pair


class Window(NamedTuple):
    """Tokens that a model is given, and how many at their end are scored."""

    ids: list[int]
    own: int


def check(pair: Pair) -> None:
    """Refuse what has nothing to score, and a whole text after something; raises RequestRefused."""
    if not pair.continuation:
        raise RequestRefused(
            "A continuation is empty, so it has no likelihood.", remedy="Mend the question's choices."
        )
    if pair.rolling and pair.context:
        raise RequestRefused(
            "A text that is scored whole stands after no context.",
            remedy="Make the context part of the text, or leave `rolling` out.",
        )


def boundary(pair: Pair) -> Pair:
    """Move white space at the context's end to the continuation; raises RequestRefused as `check` does."""
    check(pair)
    bare = pair.context.rstrip()
    return Pair(context=bare, continuation=pair.context[len(bare) :] + pair.continuation)


def whole_text(pair: Pair) -> str:
    """Return the text of a rolling pair; raises RequestRefused as `check` does."""
    check(pair)
    return pair.continuation


def begun(ids: Sequence[int], opening: Sequence[int]) -> list[int]:
    """Put the tokens that stand before a text there, unless it begins with them already."""
    return list(ids) if list(ids[: len(opening)]) == list(opening) else [*opening, *ids]


def windows(ids: Sequence[int], *, given: int, room: int) -> list[Window]:
    """Cut a text into windows of at most `room` tokens, each token after the first `given` scored once.

    The first window begins with what is given, each later one with one token that was scored before it,
    the last with as many as fit: the disjoint windows of lm-evaluation-harness for a context of one and
    its `max_seq_len` of `room` - 1, which does not count the token that is predicted last. Raises
    RequestRefused where nothing stands before the first token, or nothing fits after it.
    """
    if not 0 < given < min(room, len(ids)):
        raise RequestRefused(
            f"A text of {len(ids) - given} tokens after {given} cannot be scored in windows of {room}.",
            remedy="Name the token that stands before a text (-M prefix=...), and give the model more room.",
        )
    found, done = [], given
    while done < len(ids):
        end = min(len(ids), done + room - (given if done == given else 1))
        found.append(Window(list(ids[max(0, end - room) : end]), end - done))
        done = end
    return found


def joined(parts: Sequence[LogLikelihood]) -> LogLikelihood:
    """Add up what was found of the windows of one text."""
    told = [part.greedy for part in parts if part.greedy is not None]
    return LogLikelihood(
        logprob=sum(part.logprob for part in parts),
        tokens=sum(part.tokens for part in parts),
        greedy=all(told) if len(told) == len(parts) else None,
    )
