"""Records that may be too many to hold: the first some thousand as they are, the others in a temporary file.

The file has no name, so that nothing is left of it however the process ends. Any thread may use a spool,
but no two at once where one appends.
"""

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar, overload

from pydantic import BaseModel

from assay.errors import StoreError

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")

HELD = 10_000
"""Records that stay in memory: most evaluations have no more, and reading one costs what making it did."""
BLOCK = 1 << 16
"""Bytes that gather before they are written."""


class Spool(Sequence[R], Generic[R]):
    """A sequence of records that grows at its end; beyond the first it holds where each ends."""

    def __init__(self, kind: type[R], *, held: int = HELD) -> None:
        self._kind = kind
        self._most = held
        self._held: list[R] = []
        self._rest: _File[R] | None = None

    def append(self, record: R) -> None:
        """Add a record; raises StoreError where the disk takes no more."""
        if len(self._held) < self._most:
            self._held.append(record)
            return
        if self._rest is None:
            self._rest = _File(self._kind)
        self._rest.append(record)

    def extend(self, records: Iterable[R]) -> range:
        """Add records; returns their places."""
        first = len(self)
        for record in records:
            self.append(record)
        return range(first, len(self))

    def __len__(self) -> int:
        return len(self._held) + (0 if self._rest is None else len(self._rest))

    @overload
    def __getitem__(self, place: int) -> R: ...

    @overload
    def __getitem__(self, place: slice) -> "Chosen[R]": ...

    def __getitem__(self, place: int | slice) -> "R | Chosen[R]":
        if isinstance(place, slice):
            return Chosen(self, range(len(self))[place])
        if 0 <= place < len(self._held):
            return self._held[place]
        place = range(len(self))[place] - len(self._held)
        return self._held[place] if self._rest is None or place < 0 else self._rest.read(place)

    def __iter__(self) -> Iterator[R]:
        yield from self._held
        if self._rest is not None:
            yield from map(self._rest.read, range(len(self._rest)))


class Chosen(Sequence[T]):
    """Some items of a sequence in an order of their own, none of them copied."""

    def __init__(self, items: Sequence[T], places: Sequence[int]) -> None:
        self._items = items
        self.places = places
        """Where in the sequence they stand."""

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> "Chosen[T]": ...

    def __getitem__(self, place: int | slice) -> "T | Chosen[T]":
        if isinstance(place, slice):
            return Chosen(self._items, self.places[place])
        return self._items[self.places[place]]

    def __iter__(self) -> Iterator[T]:
        return map(self._items.__getitem__, self.places)


class _File(Generic[R]):
    """Records one after another, as JSON, and where each ends."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind
        self._ends = array("q", [0])
        self._file, name = tempfile.mkstemp(prefix="assay-")
        Path(name).unlink()
        weakref.finalize(self, os.close, self._file)
        self._gathered = bytearray()
        self._written = 0

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, record: R) -> None:
        self._gathered += record.__pydantic_serializer__.to_json(record)
        self._ends.append(self._written + len(self._gathered))
        if len(self._gathered) >= BLOCK:
            self._write()

    def read(self, place: int) -> R:
        start, end = self._ends[place], self._ends[place + 1]
        if end > self._written:
            self._write()
        return self._kind.model_validate_json(os.pread(self._file, end - start, start))

    def _write(self) -> None:
        try:
            while self._gathered:
                count = os.write(self._file, self._gathered)
                self._written += count
                del self._gathered[:count]
        except OSError as error:
            raise StoreError(
                f"The folder for temporary files takes no more ({error.strerror}).",
                remedy=f"Make room in {tempfile.gettempdir()}, or name another folder in TMPDIR.",
            ) from error
