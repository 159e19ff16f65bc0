"""Which tools there are: those of Assay, and those that other packages add as `assay.tools`."""

from collections.abc import Iterable
from types import FunctionType
from typing import cast

from assay.extensions import Extensions
from harnesses.tools.function import tool
from harnesses.tools.tool import Tool

TOOLS = Extensions(
    kind="tool",
    group="assay.tools",
    builtin={
        "bash": "harnesses.tools.builtin:BASH",
        "python": "harnesses.tools.builtin:PYTHON",
        "submit": "harnesses.tools.builtin:SUBMIT",
    },
)


def load_tools(names: Iterable[str]) -> dict[str, Tool]:
    """Load tools by name, in order; raises UnknownName and BadSpec.

    An entry point names a `Tool`, or a plain function, of which one is made.
    """
    return {name: _tool(TOOLS.load(name)) for name in names}


def _tool(part: object) -> Tool:
    return tool(part) if isinstance(part, FunctionType) else cast("Tool", part)
