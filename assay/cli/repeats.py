"""No option silently loses a value: one that takes a single value is refused when it is given twice."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from assay.errors import BadSpec


def refuse_repeats(command: Any, arguments: Sequence[str]) -> None:
    """Raise BadSpec where a command line gives a second value to an option that keeps only one.

    `command` is what Typer makes of a command line: a command, or a group with `commands`.
    """
    rest = list(arguments)
    while command is not None:
        context = command.context_class(command, resilient_parsing=True)
        _, rest, parameters = command.make_parser(context).parse_args(rest)
        options = Counter(
            parameter
            for parameter in parameters
            if parameter.param_type_name == "option" and not parameter.is_flag and not parameter.multiple
        )
        for option, times in options.items():
            if times > 1:
                raise BadSpec(
                    f"{option.opts[-1]} is given twice, and takes one value.",
                    remedy="Leave one of them out.",
                )
        name, *rest = rest or [""]
        command = getattr(command, "commands", {}).get(name)
