"""What makes the number of a completed run doubtful, in a sentence that stands beside the number."""

from assay.records import Run

MOST = 0.5
"""Share of unread answers above which a score says more about the reading than about the checkpoint."""


def mostly_unparsed(run: Run) -> bool:
    """Whether more than half of a run's answers hold nothing that its task extracts."""
    return run.counts.unparsed > MOST * run.counts.expected


def warnings_of(run: Run) -> list[str]:
    """Return what is to be said beside the scores of a run, each a sentence; [] where nothing is."""
    counts = run.counts
    if not mostly_unparsed(run):
        return []
    base = f"{counts.unparsed:,} of {counts.expected:,} answers"
    if counts.unclosed > MOST * counts.expected:
        return [
            f"{base} are thoughts that never end, so the score is not a measure of the checkpoint;"
            " `-o max_tokens=N` before the task allows more."
        ]
    return [
        f"{base} hold nothing that the task extracts, so the score is not a measure of the checkpoint;"
        f" `assay samples {run.id} --status unparsed` shows some, `assay rescore` tries another variant."
    ]
