"""What golden cases have in common: their inputs, and how an estimate is named in them."""

from typing import Any

from assay.stats import (
    Estimate,
)

Given = dict[str, Any]


Found = dict[str, Any]


class Either:
    """Values of which a case may mean any, because its name leaves it open."""

    def __init__(self, *values: Any) -> None:
        self.values = values


def ends(found: Any) -> list[float] | None:
    return None if found.low is None else [found.low, found.high]


def named(given: Given, *names: str) -> Any:
    """The first input of these names; raises KeyError where there is none."""
    for name in names:
        if name in given:
            return given[name]
    raise KeyError(f"none of {names} among {sorted(given)}")


def shown(found: Estimate, prefix: str) -> Found:
    """An estimate under the names that cases give it."""
    told = {"": found.value, "se": found.se, "df": found.df, "t_ci95": ends(found), "ci95": ends(found)}
    return {f"{prefix}_{key}".strip("_"): value for key, value in told.items()}
