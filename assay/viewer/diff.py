"""A word diff of two texts."""

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

LONGEST = 1500
"""Words beyond which a text is shown without a diff; comparing takes quadratic time."""


class Piece(NamedTuple):
    """A stretch of words that both texts share or only one has."""

    kind: Literal["same", "only"]
    text: str


def word_diff(a: str, b: str) -> tuple[list[Piece], list[Piece]]:
    """Split both texts into what they share and what only they have."""
    left, right = re.findall(r"\s+|\w+|[^\w\s]", a), re.findall(r"\s+|\w+|[^\w\s]", b)
    if max(len(left), len(right)) > LONGEST:
        return [Piece("same", a)], [Piece("same", b)]
    ours: list[Piece] = []
    theirs: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        kind: Literal["same", "only"] = "same" if tag == "equal" else "only"
        ours += [Piece(kind, "".join(left[i:j]))] if j > i else []
        theirs += [Piece(kind, "".join(right[k:m]))] if m > k else []
    return ours, theirs
