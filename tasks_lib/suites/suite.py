"""A suite is a weighted tree of tasks and suites."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay.errors import BadSpec


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Task specs and names of suites with their weights, which are shares: only their ratio counts."""

    members: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.members or not all(weight > 0 for weight in self.members.values()):
            raise BadSpec(
                f"A suite has the members {dict(self.members)}.",
                remedy="Give it one or more, with weights above 0.",
            )


def suite(*members: str) -> Suite:
    """Make a suite whose members weigh the same."""
    return Suite(members=dict.fromkeys(members, 1.0))
