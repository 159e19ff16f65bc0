"""Score a text that is longer than a model's context, each of its tokens once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Window(NamedTuple):
    """A part of a text to be scored, after tokens that only condition it."""

    context: tuple[int, ...]
    continuation: tuple[int, ...]


def windows(
    tokens: Sequence[int], *, prefix: int | None, max_length: int, context: int = 1
) -> Iterator[Window]:
    """Cut a text's tokens into windows of at most `max_length` tokens, context included.

    Every token is scored exactly once, after at least `context` tokens where so many stand before it, and
    after all that fit; the first after `prefix` (the beginning-of-text token). Without one the first token
    has nothing before it and is only a context. Windows are those of lm-evaluation-harness's rolling
    log-likelihoods, disjoint, with its `max_seq_len` one less than `max_length`, which counts the token
    that is predicted last. Raises ValueError where no token fits beside its context.
    """
    if not 1 <= context < max_length:
        raise ValueError(f"a context of {context} leaves no room in {max_length} tokens")
    before = [] if prefix is None else [prefix]
    whole = [*before, *tokens]
    done = 1
    while done < len(whole):
        kept = min(done, context) if done > 1 else 1
        end = min(len(whole), done - kept + max_length)
        begin = max(0, end - max_length)
        yield Window(tuple(whole[begin:done]), tuple(whole[done:end]))
        done = end
