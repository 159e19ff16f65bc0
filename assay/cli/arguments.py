"""What `assay run` is asked to evaluate, read in the order of the command line.

An option belongs to the task before it, which the parsed lists of a command line no longer tell.
"""

from collections.abc import Sequence
from typing import NamedTuple

from assay.errors import BadSpec

TASK = ("-t", "--task")
OPTION = ("-o", "--option")


class Asked(NamedTuple):
    """A task or suite with the options that follow it."""

    spec: str
    options: dict[str, str]


def read_tasks(arguments: Sequence[str]) -> list[Asked]:
    """Pair each `-t` with the `-o key=value` after it; raises BadSpec."""
    asked: list[Asked] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        flag, value = _split(word, rest)
        if flag in TASK:
            asked.append(Asked(value, {}))
        elif flag in OPTION:
            key, equals, setting = value.partition("=")
            if not asked:
                raise BadSpec(
                    f"{flag} {value} stands before any task.", remedy="Write it after the -t it is for."
                )
            if not equals or not key:
                raise BadSpec(
                    f"{flag} takes key=value, not {value!r}.", remedy="For example: -o max_tokens=256"
                )
            asked[-1].options[key] = setting
    return asked


def _split(word: str, rest: list[str]) -> tuple[str, str]:
    for flag in (*TASK, *OPTION):
        if word == flag:
            return flag, rest.pop(0) if rest else ""
        if flag.startswith("--") and word.startswith(f"{flag}="):
            return flag, word.removeprefix(f"{flag}=")
        if not flag.startswith("--") and word.startswith(flag) and not word.startswith("--"):
            return flag, word.removeprefix(flag)
    return "", ""
