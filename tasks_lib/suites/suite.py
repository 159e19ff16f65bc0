"""A suite is a weighted tree of tasks and suites, with a rule for their mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Task specs and names of suites with their weights."""

    members: Mapping[str, float]
    aggregation: Literal["macro", "micro"] = "macro"
    """Whether each member or each question counts the same."""


def suite(*members: str, aggregation: Literal["macro", "micro"] = "macro") -> Suite:
    """Make a suite whose members weigh the same."""
    return Suite(members=dict.fromkeys(members, 1.0), aggregation=aggregation)
