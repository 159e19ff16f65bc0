"""A suite is a weighted tree of tasks and suites, and says how their numbers become one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from assay.errors import BadSpec

Aggregate = Literal["average", "flat", "questions", "best", "none"]
"""How a suite's number comes from its members.

`average` is their weighted mean, in which a suite counts by its own number (an average of averages). `flat`
counts each task below the same, `questions` each question. `best` takes the better of several forms of one
benchmark. `none` only shows its members together.
"""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Task specs and names of suites with their weights, which are shares: only their ratio counts."""

    members: Mapping[str, float]
    aggregate: Aggregate = "average"
    absent: Mapping[str, str] = field(default_factory=dict)
    """Members that cannot be run here, and why: a suite that lacks some has no number of its own."""

    def __post_init__(self) -> None:
        if not (self.members or self.absent) or not all(weight > 0 for weight in self.members.values()):
            raise BadSpec(
                f"A suite has the members {dict(self.members)}.",
                remedy="Give it one or more, with weights above 0.",
            )


def suite(*members: str, aggregate: Aggregate = "average", absent: Mapping[str, str] | None = None) -> Suite:
    """Make a suite whose members weigh the same."""
    return Suite(members=dict.fromkeys(members, 1.0), aggregate=aggregate, absent=absent or {})


def best_of(*members: str) -> Suite:
    """Make a suite of several forms of one benchmark, of which the better one counts."""
    return suite(*members, aggregate="best")
