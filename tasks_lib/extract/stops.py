"""Cut a text where the task's own stop sequences end it, whatever a server or file has written after them."""

from collections.abc import Sequence


def until_stop(text: str, stops: Sequence[str]) -> str:
    """Return what stands before the first stop sequence.

    One of white space alone ends nothing before the first word: line breaks that a model begins with are
    no end of its answer.
    """
    end, first = len(text), len(text) - len(text.lstrip())
    for stop in stops:
        if stop:
            place = text.find(stop, first if stop.isspace() else 0, end + len(stop))
            end = place if 0 <= place < end else end
    return text[:end]
