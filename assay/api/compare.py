"""Compare two results, two names of runs in the store, or two sides of scores in memory."""

from collections.abc import Sequence

from assay.api.result import Result
from assay.lookup.sides import load_side, side_of
from assay.report import compare as report
from assay.report.models import Comparison
from assay.report.rules import Method
from assay.report.sharpened import Label
from assay.report.side import Side
from assay.store.store import Store


def compare(
    before: Result | Side | str,
    after: Result | Side | str,
    *,
    margin: float | None = None,
    allow_partial: bool = False,
    method: Method = "auto",
    labels: Sequence[Label] | None = None,
) -> Comparison:
    """Compare `after` with the baseline `before`, question by question.

    Each side is a result, a `Side` of scores in memory, a run's id, or a checkpoint's name for the newest of
    its runs of each task. `margin` is the difference that would not matter, by default the task's own;
    `allow_partial` compares the questions that both have; `method` is "t" or "bootstrap" for another
    interval, "cuped" where `after` was asked a random part of the questions; `labels` by people correct the
    scores of a judge. Raises AlignmentError, StatisticsError and UnknownName.
    """
    with Store.open() as store:
        sides = [_side(store, side) for side in (before, after)]
        return report.compare(
            *sides, margin=margin, allow_partial=allow_partial, method=method, labels=labels
        )


def _side(store: Store, side: Result | Side | str) -> Side:
    if isinstance(side, Side):
        return side
    return side_of(store, [side.run]) if isinstance(side, Result) else load_side(store, side)
