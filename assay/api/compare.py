"""Compare two results, or two names of runs in the store."""

from assay.api.result import Result
from assay.report.compare import compare_runs
from assay.report.models import Comparison
from assay.report.side import find_side
from assay.store.store import Store


def compare(
    before: Result | str, after: Result | str, *, margin: float | None = None, allow_partial: bool = False
) -> Comparison:
    """Compare `after` with the baseline `before`, question by question.

    Each side is a result, a run's id, or a checkpoint's name for the newest of its runs of each task.
    `margin` is the difference that would not matter, by default the task's own; `allow_partial` compares the
    questions that both have. Raises AlignmentError and UnknownName.
    """
    with Store.open() as store:
        sides = [
            [side.run] if isinstance(side, Result) else find_side(store, side) for side in (before, after)
        ]
        return compare_runs(store, *sides, margin=margin, allow_partial=allow_partial)
