"""Which scaffolds there are: those of Assay, and those that other packages add as `assay.scaffolds`."""

from collections.abc import Callable
from typing import cast

from assay.extensions import Extensions
from harnesses.harness import Harness
from harnesses.scaffolds.protocol import Scaffold

SCAFFOLDS = Extensions(
    kind="scaffold",
    group="assay.scaffolds",
    builtin={
        "plain": "harnesses.scaffolds.plain:Plain",
        "tool_loop": "harnesses.scaffolds.tool_loop:ToolLoop",
    },
)


def build_scaffold(harness: Harness) -> Scaffold:
    """Build the scaffold that a harness names; raises UnknownName and BadSpec."""
    build = cast("Callable[[Harness], Scaffold]", SCAFFOLDS.load(harness.scaffold))
    return build(harness)
