"""Libraries that only some tasks need: the extra `tasks`."""

from importlib import import_module
from types import ModuleType

from assay.errors import BadSpec


def library(name: str, *, purpose: str) -> ModuleType:
    """Import a library of the extra `tasks`; raises BadSpec that says what needs it and how to get it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise BadSpec(
            f"{purpose} needs the library {name.partition('.')[0]!r}, which is not installed.",
            remedy="Use pip install 'assay-eval[tasks]'.",
        ) from error
