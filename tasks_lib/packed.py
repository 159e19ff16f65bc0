"""Texts that a data set packs, so that nobody trains on them by accident."""

import base64
import binascii
import io
import pickle
import zlib

import orjson
from pydantic import JsonValue

from assay.errors import DataError


class _TextOnly(pickle.Unpickler):
    """Reads a pickled text and nothing else: a pickle that names a class could run code."""

    def find_class(self, module: str, name: str) -> object:
        """Refuse every class."""
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def unpacked(packed: str) -> JsonValue:
    """Read JSON that was pickled as a text, compressed and written in base 64; raises DataError."""
    try:
        text = _TextOnly(io.BytesIO(zlib.decompress(base64.b64decode(packed, validate=True)))).load()
        value: JsonValue = orjson.loads(text)
    except (binascii.Error, zlib.error, pickle.UnpicklingError, EOFError, TypeError, ValueError) as error:
        raise DataError(
            f"A packed text cannot be read: {error}.", remedy="Check which revision of the data set it is of."
        ) from error
    return value
