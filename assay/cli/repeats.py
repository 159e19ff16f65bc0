"""No option silently loses a value: one that takes a single value is refused when it is given twice."""

from collections.abc import Sequence
from typing import Any

from assay.errors import BadSpec


def refuse_repeats(command: Any, arguments: Sequence[str]) -> None:
    """Raise BadSpec where a command line gives a second value to an option that keeps only one.

    `command` is what Typer makes of a command line: a command with `params`, or a group with `commands`.
    """
    given: set[str] = set()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return
        if not word.startswith("-"):
            below = getattr(command, "commands", {}).get(word)
            command, given = (below, set()) if below is not None else (command, given)
            continue
        option, attached = _option(command, word)
        if option is None or option.is_flag:
            continue
        if not attached and rest:
            rest.pop(0)
        if option.multiple:
            continue
        if option.name in given:
            raise BadSpec(
                f"{option.opts[-1]} is given twice, and takes one value.", remedy="Leave one of them out."
            )
        given.add(option.name)


def _option(command: Any, word: str) -> tuple[Any, bool]:
    """Return the option that a word names, and whether its value is part of the word."""
    options = [param for param in command.params if param.param_type_name == "option"]
    name, equals, _ = word.partition("=")
    for option in options:
        names = [*option.opts, *option.secondary_opts]
        if name in names:
            return option, bool(equals)
    if not word.startswith("--"):
        for option in options:
            if word[:2] in option.opts:
                return option, True
    return None, False
