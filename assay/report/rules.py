"""How a comparison is made and judged."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from assay.errors import BadSpec

Method: TypeAlias = Literal["auto", "t", "bootstrap", "cuped"]
METHODS: tuple[Method, ...] = ("auto", "t", "bootstrap", "cuped")
"""auto: the interval and test that fit the scores; t: Student's for all; bootstrap: resampled questions;
cuped: A's other questions help, where B was asked a random part of them."""

ALPHA = 0.05
POWER = 0.8


@dataclass(frozen=True)
class Rules:
    """What is decided before any score is read."""

    margin: float | None = None
    """Difference that does not matter; None for each task's own."""
    alpha: float = ALPHA
    power: float = POWER
    allow_partial: bool = False
    """Whether questions that one side lacks may be left out."""
    method: Method = "auto"

    def __post_init__(self) -> None:
        """Refuse a method that does not exist; raises BadSpec."""
        if self.method not in METHODS:
            raise BadSpec(
                f"There is no method {self.method!r} of comparing.",
                remedy=f"Choose one of {', '.join(METHODS)}.",
            )

    @property
    def level(self) -> float:
        """The level of intervals."""
        return 1 - self.alpha
