"""The verdict of a comparison in plain English."""

from assay.report.models import SuiteComparison, TaskComparison


def task_sentence(found: TaskComparison) -> str:
    """Say what was found and what this set can resolve."""
    return _sentence(
        found.verdict, found.delta, found.mde, found.margin, rate=found.a.unit == "rate", n=found.n
    )


def suite_sentence(found: SuiteComparison, *, rate: bool) -> str:
    """Say what was found over all tasks."""
    if found.delta is None:
        return f"No difference over all tasks is defined: {found.undefined}."
    return _sentence(found.verdict, found.delta, found.mde, found.margin, rate=rate, n=None)


def size(value: float, *, rate: bool) -> str:
    """Write a difference: in percentage points, or as it is."""
    shown = value * 100 if rate else value
    return f"{shown:.2g} pp" if rate else f"{shown:.3g}"


def _sentence(
    verdict: str, delta: float | None, mde: float | None, margin: float, *, rate: bool, n: int | None
) -> str:
    if delta is None:
        return "No difference is defined."
    asked = f"these {n:,} questions" if n else "these tasks"
    resolves = (
        f" {asked[0].upper()}{asked[1:]} can resolve a difference of {size(mde, rate=rate)}." if mde else ""
    )
    amount = size(abs(delta), rate=rate)
    match verdict:
        case "improved":
            return f"B is better than A by {amount}.{resolves}"
        case "regressed":
            return f"B is worse than A by {amount}.{resolves}"
        case "equivalent":
            return f"A and B differ by less than the margin of {size(margin, rate=rate)}.{resolves}"
    return f"Whether A and B differ is not resolved: {amount} may be noise.{resolves}"
