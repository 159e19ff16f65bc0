"""Find the letter of a choice in what a model wrote."""

import re

STATED = re.compile(r"answer\s*(?:is|:)?\s*\**\s*\(?([A-Z])\)?(?![A-Za-z'])", re.IGNORECASE)
ALONE = re.compile(r"(?<![A-Za-z'])\(?([A-Z])\)?(?![A-Za-z'])")


def choice_letter(text: str) -> str | None:
    """Return the letter of the last "answer is X", else the first letter that stands alone.

    A bare `A` or `I` inside a sentence may be a word: those count only where they open the text.
    """
    if stated := [m for m in STATED.findall(text) if m.isupper()]:
        return str(stated[-1])
    opening = ALONE.match(text.strip().lstrip("*"))
    if opening:
        return opening.group(1)
    return next((letter for letter in ALONE.findall(text) if letter not in "AI"), None)
