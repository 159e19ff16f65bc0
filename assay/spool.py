"""Records that may be too many for memory: the first thousands as objects, the others in a temporary file.

The file is unnamed, so that nothing is left of it however the process ends. Any thread may use a spool, but
no other may read it while one appends.
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

CAPACITY = 10_000
"""Records kept in memory: most evaluations have no more, and reading one back costs as much as making it."""
BLOCK = 1 << 16
"""Bytes in one write."""


class Spool(Sequence[R], Generic[R]):
    """A growing sequence of records; beyond the first ones only their positions are in memory."""

    def __init__(self, kind: type[R], *, capacity: int = CAPACITY) -> None:
        self._kind = kind
        self._capacity = capacity
        self._held: list[R] = []
        self._rest: _File[R] | None = None

    def append(self, record: R) -> None:
        """Add a record; raises StoreError where the disk is full."""
        if len(self._held) < self._capacity:
            self._held.append(record)
            return
        if self._rest is None:
            self._rest = _File(self._kind)
        self._rest.append(record)

    def extend(self, records: Iterable[R]) -> range:
        """Add records; returns their indexes."""
        first = len(self)
        for record in records:
            self.append(record)
        return range(first, len(self))

    def __len__(self) -> int:
        return len(self._held) + (0 if self._rest is None else len(self._rest))

    @overload
    def __getitem__(self, index: int) -> R: ...

    @overload
    def __getitem__(self, index: slice) -> "Chosen[R]": ...

    def __getitem__(self, index: int | slice) -> "R | Chosen[R]":
        if isinstance(index, slice):
            return Chosen(self, range(len(self))[index])
        if 0 <= index < len(self._held):
            return self._held[index]
        index = range(len(self))[index] - len(self._held)
        return self._held[index] if self._rest is None or index < 0 else self._rest.read(index)

    def __iter__(self) -> Iterator[R]:
        yield from self._held
        if self._rest is not None:
            yield from map(self._rest.read, range(len(self._rest)))


class Chosen(Sequence[T]):
    """A selection of a sequence, in an order of its own and without copying."""

    def __init__(self, items: Sequence[T], indexes: Sequence[int]) -> None:
        self._items = items
        self.indexes = indexes
        """Indexes of the items in the sequence."""

    def __len__(self) -> int:
        return len(self.indexes)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> "Chosen[T]": ...

    def __getitem__(self, index: int | slice) -> "T | Chosen[T]":
        if isinstance(index, slice):
            return Chosen(self._items, self.indexes[index])
        return self._items[self.indexes[index]]

    def __iter__(self) -> Iterator[T]:
        return map(self._items.__getitem__, self.indexes)


class _File(Generic[R]):
    """Records as JSON, one after another, and the offset of each end."""

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

    def read(self, index: int) -> R:
        start, end = self._ends[index], self._ends[index + 1]
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
                f"The folder for temporary files is full or read-only ({error.strerror}).",
                remedy=f"Free some space in {tempfile.gettempdir()}, or name another folder in TMPDIR.",
            ) from error
