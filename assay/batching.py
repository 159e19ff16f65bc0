"""Long sequences in lists of one size, so that few items are in memory at once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

ROWS = 2000
"""Rows in one statement: the cost of a statement no longer shows, and memory stays small."""


def batched(items: Iterable[T], *, size: int = ROWS) -> Iterator[list[T]]:
    """Yield the items in lists of `size`, the last one shorter.

    >>> list(batched("abcde", size=2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
