"""Lines of saved answers, read strictly: what is wrong is refused by its line, what can be read is read."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from assay.errors import ProviderUnavailable

BOM = b"\xef\xbb\xbf"
FORM = 'Write {"index": 0, "id": null, "outputs": ["..."]}.'


class SavedAnswer(NamedTuple):
    """The outputs for one question, which is known by its id or else by its row."""

    line: int
    id: str | None
    row: int | None
    outputs: list[str]


def read_answers(file: Path) -> Iterator[SavedAnswer]:
    """Yield the answers of a file; raises ProviderUnavailable, which names the line."""
    for number, line in enumerate(_content(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield _answer(number, _parsed(line))
        except ValueError as error:
            problem = f"Line {number} of {str(file)!r} is no saved answer: {error}."
            raise ProviderUnavailable(problem, remedy=FORM) from error


def _answer(line: int, entry: Any) -> SavedAnswer:
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")
    outputs, row, own = entry.get("outputs"), entry.get("index"), entry.get("id")
    if not isinstance(outputs, list) or not all(isinstance(text, str) for text in outputs):
        raise ValueError("`outputs` is not a list of texts")
    if row is not None and (type(row) is not int or row < 0):
        raise ValueError("`index` is not the number of a row")
    if own is not None and type(own) not in {str, int}:
        raise ValueError("`id` is neither a text nor a whole number")
    if row is None and own is None:
        raise ValueError("it has neither `index` nor `id`")
    return SavedAnswer(line, None if own is None else str(own), row, [_whole(text) for text in outputs])


def _parsed(line: bytes) -> Any:
    """Parse a line, also where it holds half a surrogate pair or bytes that are no UTF-8."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            return json.loads(line.decode(errors="replace"))
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs by the character that stands for what cannot be read."""
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
        text = gzip.decompress(content) if file.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise ProviderUnavailable(f"The file {str(file)!r} cannot be read: {error}.") from error
    return text.removeprefix(BOM)
