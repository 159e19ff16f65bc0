"""JSON as endpoints write it: also with half a surrogate pair, NaN and infinities, which orjson refuses."""

import json
from typing import Any

import orjson


def read_json(content: bytes) -> Any:
    """Read JSON, with U+FFFD for what is no character; raises ValueError where it is none, or too deep."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return _whole(json.loads(content.decode(errors="replace")))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _whole(value: Any) -> Any:
    """Replace half pairs of surrogates, which no database and no file in UTF-8 takes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
