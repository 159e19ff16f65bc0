"""The verdict of a comparison in plain English, which a newcomer cannot misread."""

from assay.report.models import SuiteComparison, TaskComparison
from assay.stats.verdicts import DROPPED

NOTHING = "There is no difference to judge"


def task_sentence(task: TaskComparison, *, power: float, alpha: float) -> str:
    """Write the verdict on a task, and what so many questions can detect."""
    rate = task.a.unit == "rate"
    base = f"{task.n:,} questions" if task.n != 1 else "one question"
    return _joined(
        _claim(task, rate=rate, alpha=alpha), _detects(task.mde, power=power, rate=rate, base=base)
    )


def suite_sentence(suite: SuiteComparison, *, rate: bool, power: float, alpha: float) -> str:
    """Write the verdict on the mean over tasks, and what so many questions can detect."""
    return _joined(
        _claim(suite, rate=rate, alpha=alpha),
        _detects(suite.mde, power=power, rate=rate, base="these questions"),
    )


def size(value: float, *, rate: bool) -> str:
    """Write a difference: in percentage points, or as it is."""
    return f"{value * 100:.2g} pp" if rate else f"{value:.3g}"


def dropped_share(share: float) -> str:
    """Write the share of the questions that have no pair."""
    return f"{share:.0%} of the questions have no pair"


def _claim(judged: TaskComparison | SuiteComparison, *, rate: bool, alpha: float) -> str:
    if judged.delta is None:
        return f"{NOTHING}: {judged.undefined}."
    amount = size(abs(judged.delta), rate=rate)
    match judged.verdict:
        case "improved":
            return f"B is better than A by {amount}."
        case "regressed":
            return f"B is worse than A by {amount}."
        case "equivalent":
            return f"A and B differ by less than the margin of {size(judged.margin, rate=rate)}."
    return _unresolved(judged, amount, alpha=alpha)


def _unresolved(judged: TaskComparison | SuiteComparison, amount: str, *, alpha: float) -> str:
    """Say why no difference is claimed."""
    dropped = judged.dropped if isinstance(judged, SuiteComparison) else judged.pairing.dropped
    if dropped > DROPPED:
        return f"Unresolved: {dropped_share(dropped)}, so no difference is claimed."
    if judged.delta == 0:
        return "Unresolved: A and B scored the same, but a difference could have been missed."
    way = "higher" if (judged.delta or 0) > 0 else "lower"
    if isinstance(judged, TaskComparison):
        way = way if not judged.lower_is_better else "better" if way == "higher" else "worse"
        if judged.p is not None and judged.p <= alpha and judged.p_holm is not None and judged.p_holm > alpha:
            return (
                f"Unresolved: B scored {amount} {way}, which may be chance among so many tasks"
                f" (p {judged.p:.3f}, corrected for them {judged.p_holm:.3f})."
            )
    return f"Unresolved: B scored {amount} {way}, which may be chance."


def _detects(mde: float | None, *, power: float, rate: bool, base: str) -> str:
    if mde is None:
        return ""
    often = f"{100 * power:g} % of the time"
    return f"With {base}, a true difference of {size(mde, rate=rate)} would be found {often}."


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
