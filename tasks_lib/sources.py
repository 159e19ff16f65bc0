"""Where rows come from: data sets of the Hugging Face Hub, a mirror of them, and files.

Files are read anew each time, by content, so that a changed file is never mistaken for the old one.
"""

import csv
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import orjson

from assay.errors import BadRow, DatasetNotFound, EmptyDataset
from tasks_lib.task import Row

if TYPE_CHECKING:
    import datasets

MIRROR = "ASSAY_DATASETS_DIR"
QUIET = {
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_VERBOSITY": "error",
}
BATCH = 1000
SHOWN = 20
PART = re.compile(r"-\d{5}-of-\d{5}$")
FORMATS = (".jsonl", ".jsonl.gz", ".json", ".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class Hub:
    """A split of a Hub data set, read from the mirror where `ASSAY_DATASETS_DIR` names one.

    The mirror holds `<id>/<config>/<split>.parquet`, or that in parts as the Hub names them; `config` may be
    `data` for the default one. It knows no revisions, so a source that fixes one is not read from it.
    """

    id: str
    config: str = "default"
    _: KW_ONLY
    split: str = "test"
    revision: str | None = None

    def __str__(self) -> str:
        return f"The data set {self.id} ({self.config}, {self.split}, {self.revision or 'latest revision'})"

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the official order; raises DataError."""
        if mirror := os.environ.get(MIRROR):
            return self._mirrored(Path(mirror).expanduser())
        return iter(self._downloaded())

    def _mirrored(self, mirror: Path) -> Iterator[Row]:
        if self.revision is not None:
            raise DatasetNotFound(
                f"{self} is fixed to a revision, which the mirror {str(mirror)!r} cannot prove.",
                remedy=f"Leave the revision out (-o revision=), or unset {MIRROR} to read from the Hub.",
            )
        folder = mirror / self.id / self.config
        file = folder / f"{self.split}.parquet"
        files = _parts(file)
        if not files and self.config == "default":
            files = _parts(folder.with_name("data") / file.name)
        if files:
            return chain.from_iterable(Local(str(part)).rows() for part in files)
        wanted = f"{self.id} ({self.config}, {self.split})"
        raise DatasetNotFound(
            f"The mirror {str(mirror)!r} lacks {wanted}; {_held(file, mirror)}",
            remedy=f"Choose one of these, or unset {MIRROR} to read from the Hub.",
        )

    def save(self, mirror: Path) -> Path:
        """Download the split into a mirror, as it is on the Hub; returns its file. Raises DataError."""
        import pyarrow.parquet as pq  # noqa: PLC0415

        file = mirror / self.id / self.config / f"{self.split}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        batches = self._downloaded().with_format("arrow").iter(batch_size=BATCH)
        first = next(batches, None)
        if first is None:
            raise EmptyDataset(f"{self} has no rows.", remedy="Check its configuration and split.")
        with pq.ParquetWriter(unfinished, first.schema) as writer:
            for table in chain([first], batches):
                writer.write_table(table)
        return unfinished.replace(file)

    def _downloaded(self) -> "datasets.Dataset":
        for setting, value in QUIET.items():
            os.environ.setdefault(setting, value)
        import datasets  # noqa: PLC0415

        try:
            loaded = datasets.load_dataset(
                self.id,
                None if self.config == "default" else self.config,
                split=self.split,
                revision=self.revision,
                # A folder of that name is read instead of the Hub, and from a cache that a changed file
                # does not renew, unless it is streamed.
                streaming=Path(self.id).is_dir(),
            )
        except (OSError, ValueError, ImportError, RuntimeError, datasets.exceptions.DatasetsError) as error:
            raise DatasetNotFound(
                f"{self} cannot be read: {_first_line(error)}.",
                remedy=f"Check its names and the network, or name a mirror in {MIRROR}.",
            ) from error
        return cast("datasets.Dataset", loaded)


@dataclass(frozen=True)
class Numbered(Hub):
    """A split whose rows have their position as the column `index`, for dialects that hang on it."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the official order, numbered from 0; raises DataError."""
        return ({**row, "index": number} for number, row in enumerate(super().rows()))


def _parts(file: Path) -> list[Path]:
    """The file of a split, or the numbered files that it is in."""
    return [file] if file.is_file() else sorted(file.parent.glob(f"{file.stem}-?????-of-?????.parquet"))


def _held(file: Path, mirror: Path) -> str:
    """Say what the mirror has at the deepest level it shares with the file."""
    levels = (("splits", file.parent), ("configurations", file.parent.parent), ("data sets", mirror))
    for what, folder in levels:
        try:
            if folder.is_dir():
                names = sorted(_names(folder, what))
                return f"it has the {what} {', '.join(names[:SHOWN]) or 'of no name'}."
        except OSError as error:
            return f"it cannot be read: {_first_line(error)}."
    return "there is no such folder."


def _names(folder: Path, what: str) -> Iterable[str]:
    if what == "splits":
        return {PART.sub("", entry.stem) for entry in folder.glob("*.parquet")}
    if what == "configurations":
        return (entry.name for entry in folder.iterdir() if entry.is_dir())
    return (f"{entry.parent.name}/{entry.name}" for entry in folder.glob("*/*") if entry.is_dir())


@dataclass(frozen=True)
class Local:
    """A file of rows: JSON lines, JSON, CSV or Parquet, here or behind an address such as `s3://`."""

    path: str

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the order of the file; raises DatasetNotFound and BadRow."""
        kind = next((kind for kind in FORMATS if self.path.endswith(kind)), None)
        if kind is None:
            raise DatasetNotFound(
                f"The file {self.path!r} has no format known here.", remedy=f"Name it {', '.join(FORMATS)}."
            )
        try:
            with _opened(self.path) as raw, _unpacked(raw, kind=kind) as stream:
                yield from _read(stream, path=self.path, kind=kind)
        except (OSError, EOFError, ImportError, UnicodeDecodeError, zlib.error) as error:
            raise DatasetNotFound(
                f"The file {self.path!r} cannot be read: {_first_line(error)}.",
                remedy="Check the path and the file.",
            ) from error


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    if "://" not in path:
        return Path(path).expanduser().open("rb")
    import fsspec  # noqa: PLC0415

    try:
        return cast("AbstractContextManager[IO[bytes]]", fsspec.open(path, "rb"))
    except ValueError as error:
        raise OSError(str(error)) from error


def _unpacked(stream: IO[bytes], *, kind: str) -> AbstractContextManager[IO[bytes]]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if kind.endswith(".gz") else stream


def _read(stream: IO[bytes], *, path: str, kind: str) -> Iterator[Row]:
    match kind.removesuffix(".gz"):
        case ".jsonl":
            yield from _json_lines(stream, path=path)
        case ".json":
            yield from _json_array(stream, path=path)
        case ".csv":
            yield from _csv(io.TextIOWrapper(stream, "utf-8-sig", newline=""), path=path)
        case _:
            yield from _parquet(stream, path=path)


def _json_lines(stream: IO[bytes], *, path: str) -> Iterator[Row]:
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadRow(
                f"Line {number} of {path!r} is not JSON: {error}.", remedy="Mend or remove it."
            ) from error
        if not isinstance(row, dict):
            raise BadRow(f"Line {number} of {path!r} is not an object.", remedy="Write one object a line.")
        yield row


def _csv(text: IO[str], *, path: str) -> Iterator[Row]:
    rows = csv.DictReader(text, strict=True)
    try:
        for row in rows:
            if None in row or None in row.values():
                raise BadRow(
                    f"The row before line {rows.line_num + 1} of {path!r} has more or fewer cells than the "
                    f"{len(rows.fieldnames or ())} of the first line.",
                    remedy="Mend it, or quote what holds a comma.",
                )
            yield row
    except csv.Error as error:
        raise BadRow(f"Line {rows.line_num} of {path!r} is not CSV: {error}.", remedy="Mend it.") from error


def _json_array(stream: IO[bytes], *, path: str) -> Iterator[Row]:
    try:
        rows = orjson.loads(stream.read())
    except orjson.JSONDecodeError as error:
        raise BadRow(f"{path!r} is not JSON: {error}.", remedy="Mend it.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadRow(f"{path!r} is not a list of objects.", remedy="Write one list, or JSON lines.")
    yield from rows


def _parquet(stream: IO[bytes], *, path: str) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        for batch in pq.ParquetFile(stream).iter_batches(batch_size=BATCH):
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise DatasetNotFound(
            f"The file {path!r} is no Parquet: {_first_line(error)}.", remedy="Write it again."
        ) from error


def _first_line(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0].removesuffix(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
