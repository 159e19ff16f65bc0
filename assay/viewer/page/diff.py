"""A word diff of two texts, with the extracted answer marked."""

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal, NamedTuple

LONGEST = 1500
"""Words beyond which texts are shown without a diff; comparing takes quadratic time."""
LONGEST_ANSWER = 200
"""Characters beyond which an answer is most of the text, so that marking it says nothing."""
WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


class Piece(NamedTuple):
    """A stretch of text that both sides share or only one has."""

    kind: Literal["same", "only"]
    text: str
    answer: bool = False
    """Whether it is what was extracted as the answer."""


class Diff(NamedTuple):
    """Two texts in pieces."""

    a: list[Piece]
    b: list[Piece]
    compared: bool
    """False where the texts were too long to be compared word by word."""


def word_diff(a: str, b: str) -> Diff:
    """Split both texts into what they share and what only they have."""
    left, right = WORD.findall(a), WORD.findall(b)
    if max(len(left), len(right)) > LONGEST:
        return Diff([Piece("same", a)], [Piece("same", b)], a == b)
    ours: list[Piece] = []
    theirs: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        kind: Literal["same", "only"] = "same" if tag == "equal" else "only"
        ours += [Piece(kind, "".join(left[i:j]))] if j > i else []
        theirs += [Piece(kind, "".join(right[k:m]))] if m > k else []
    return Diff(ours, theirs, compared=True)


def mark_answer(pieces: list[Piece], answer: str | None) -> list[Piece]:
    """Mark where the extracted answer stands last in the text; unchanged where it stands nowhere."""
    text = "".join(piece.text for piece in pieces)
    begin = text.rfind(answer) if answer and len(answer) <= LONGEST_ANSWER else -1
    if begin < 0 or answer is None:
        return pieces
    end = begin + len(answer)
    marked: list[Piece] = []
    at = 0
    for piece in pieces:
        cuts = [0, *(min(max(cut - at, 0), len(piece.text)) for cut in (begin, end)), len(piece.text)]
        for number, (low, high) in enumerate(pairwise(cuts)):
            if high > low:
                marked.append(Piece(piece.kind, piece.text[low:high], answer=number == 1))
        at += len(piece.text)
    return marked
