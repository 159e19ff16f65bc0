"""What golden cases have in common: their inputs, and how an estimate is named in them."""

from typing import Any

from assay.stats import (
    Estimate,
)

Inputs = dict[str, Any]


Results = dict[str, Any]


class Either:
    """Values of which a case may mean any, because its name leaves it open."""

    def __init__(self, *values: Any) -> None:
        self.values = values


def ends(result: Any) -> list[float] | None:
    return None if result.low is None else [result.low, result.high]


def named(inputs: Inputs, *names: str) -> Any:
    """The first input of these names; raises KeyError where there is none."""
    for name in names:
        if name in inputs:
            return inputs[name]
    raise KeyError(f"none of {names} among {sorted(inputs)}")


def shown(result: Estimate, prefix: str) -> Results:
    """An estimate under the names that cases give it."""
    outputs = {
        "": result.value,
        "se": result.se,
        "df": result.df,
        "t_ci95": ends(result),
        "ci95": ends(result),
    }
    return {f"{prefix}_{key}".strip("_"): value for key, value in outputs.items()}
