r"""Find the answer that a solution ends on: the last `\boxed{...}`, by its braces."""

OPENINGS = ("\\boxed{", "\\fbox{")


def last_boxed(text: str) -> str | None:
    r"""Return what stands in the last closed `\boxed{...}` or `\fbox{...}`; None where there is none."""
    start = max((text.rfind(opening) for opening in OPENINGS), default=-1)
    while start >= 0:
        begin = text.index("{", start) + 1
        if (end := _closing(text, begin)) is not None:
            return text[begin:end].strip()
        start = max(text.rfind(opening, 0, start) for opening in OPENINGS)
    return None


def _closing(text: str, begin: int) -> int | None:
    depth = 1
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
    return None
