"""Find an answer by a pattern of the task's own."""

import re
from collections.abc import Callable
from functools import partial

Extract = Callable[[str], str | None]


def first_match(pattern: str, *, flags: int = 0) -> Extract:
    """Return a function that takes the first match: its first group that matched, else all of it."""
    return partial(_pick, re.compile(pattern, flags), last=False)


def last_match(pattern: str, *, flags: int = 0) -> Extract:
    """Return a function that takes the last match: its first group that matched, else all of it."""
    return partial(_pick, re.compile(pattern, flags), last=True)


def whole(text: str) -> str | None:
    """Return the text without outer white space; None where nothing is left."""
    return text.strip() or None


def _pick(pattern: re.Pattern[str], text: str, *, last: bool) -> str | None:
    found = None
    for match in pattern.finditer(text):
        found = match
        if not last:
            break
    if found is None:
        return None
    return next((group for group in found.groups() if group), found.group()).strip()
