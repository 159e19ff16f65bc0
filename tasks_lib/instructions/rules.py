"""A rule says whether a text follows an instruction; instructions are named as their data sets name them."""

from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[..., bool]
"""Takes the text, and the instruction's arguments by their names in the data set."""
Rules = Mapping[str, Rule]


def related(count: int, relation: str, threshold: float) -> bool:
    """Compare a count with a threshold by `less than` or `at least`; raises ValueError for another word."""
    if relation == "less than":
        return count < threshold
    if relation == "at least":
        return count >= threshold
    raise ValueError(f"{relation!r} compares nothing")


def followed(text: str, rule: Rule, arguments: Mapping[str, Any]) -> bool:
    """Whether a text follows an instruction; an empty one follows none."""
    return bool(text.strip()) and rule(text, **arguments)


def loose_forms(text: str) -> list[str]:
    """List what a lenient reader accepts: without first line, last line or both, and without asterisks."""
    lines = text.split("\n")
    cut = [text, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return [*cut, *(part.replace("*", "") for part in cut)]
