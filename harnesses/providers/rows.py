"""Which windows of tokens share a forward pass of a model in this process."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harnesses.providers.pairs import Window


class Row(NamedTuple):
    """Tokens that go into the model, and the windows, by number, that come out of it."""

    asked: tuple[int, ...]
    """All tokens of a window but the last, which nothing depends on."""
    scored: list[tuple[int, Window]]

    @property
    def places(self) -> range:
        """Where the log-probabilities are that the windows need."""
        return range(len(self.asked) - max(window.own for _, window in self.scored), len(self.asked))


def rows(windows: Sequence[Window]) -> list[Row]:
    """Put windows that differ in their last token alone into one row, and the longest rows first.

    Answers of one token to one question, such as letters, take one forward pass so. The tokens are those
    of context and answer together, so this is exact where it applies, and does not apply elsewhere.
    """
    shared: dict[tuple[int, ...], list[tuple[int, Window]]] = {}
    for number, window in enumerate(windows):
        shared.setdefault(tuple(window.ids[:-1]), []).append((number, window))
    return sorted((Row(*one) for one in shared.items()), key=lambda row: -len(row.asked))


def batches(ordered: Sequence[Row], *, size: int, most: int) -> Iterator[list[Row]]:
    """Cut rows into batches of at most `size`, with `most` places in all where logits are needed."""
    batch: list[Row] = []
    places: set[int] = set()
    for row in ordered:
        wider = places.union(row.places)
        if batch and (len(batch) == size or (len(batch) + 1) * len(wider) > most):
            yield batch
            batch, wider = [], set(row.places)
        batch.append(row)
        places = wider
    if batch:
        yield batch
