"""Find the letter of a choice in what a model wrote."""

import re

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STATED = re.compile(r"answer\s*(?:is|:)?\s*\**\s*(?:is|:)?\s*\**\s*\(?([A-Z])\)?(?![A-Za-z'])", re.IGNORECASE)
ALONE = re.compile(r"(?<![A-Za-z'])([A-Z])(?![A-Za-z'])")
MARKED = re.compile(r"\(([A-Z])\)|^\W*([A-Z])(?:\W*$|[.):,*]|\s*\n)")
WORDS = frozenset("AI")
"""Letters that are words: they count only in brackets, or opening the text with a mark after them."""


def choice_letter(text: str, *, among: str = LETTERS) -> str | None:
    """Return the letter of the last "answer is X", else the first letter that stands alone.

    Only the letters of the question's choices count.
    """
    if stated := [m for m in STATED.findall(text) if m in among]:
        return str(stated[-1])
    if marked := [a or b for a, b in MARKED.findall(text) if (a or b) in among]:
        return str(marked[0])
    return next((found for found in ALONE.findall(text) if found in among and found not in WORDS), None)
