"""The identity of a response: who was asked, and everything that can change the answer."""

import hashlib
from collections.abc import Mapping

import orjson

from assay.records import Call, Pair

NOT_CONTENT = {"question_id", "row"}


class Keys:
    """Hash requests to one checkpoint under fixed conditions."""

    def __init__(self, checkpoint: str, conditions: Mapping[str, str]) -> None:
        self._state = hashlib.blake2b(digest_size=16)
        self._state.update(orjson.dumps([checkpoint, dict(conditions)], option=orjson.OPT_SORT_KEYS))

    def call(self, call: Call) -> str:
        """Hash a generation: content, sampling, tools and sample index."""
        state = self._state.copy()
        state.update(b"call" + call.__pydantic_serializer__.to_json(call, exclude=NOT_CONTENT))
        return state.hexdigest()

    def pair(self, pair: Pair) -> str:
        """Hash a log-likelihood: context and continuation, and whether windows may part them."""
        state = self._state.copy()
        kind = "rolling" if pair.rolling else "pair"
        state.update(f"{kind}{len(pair.context)}\0{pair.context}{pair.continuation}".encode())
        return state.hexdigest()
