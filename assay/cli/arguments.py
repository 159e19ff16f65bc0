"""How tasks are named on a command line: by spec, with options, out of folders of one's own.

`assay run` takes several tasks, and an option belongs to the task before it, which the parsed lists of a
command line no longer tell.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from assay.errors import BadSpec
from tasks_lib.registry import add_folder

TASK = ("-t", "--task")
OPTION = ("-o", "--option")


def _added(folder: Path | None) -> Path | None:
    if folder is not None:
        add_folder(folder)
    return folder


TasksDir = Annotated[
    Path | None, typer.Option(help="Folder of Python files that register tasks.", callback=_added)
]
"""Declaring this option is enough: the files are loaded before the command runs."""
TaskOptions = Annotated[
    list[str] | None, typer.Option("-o", "--option", help="key=value of the task; repeatable.")
]
TaskSpec = Annotated[str, typer.Argument(help="Task[:variant...], such as gsm8k:5shot.")]


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
