"""What makes the number of a completed run doubtful, in a sentence that stands beside the number."""

from assay.records import Run

MOST = 0.5
"""Share of unread answers above which a score says more about the reading than about the checkpoint."""
CUT_OFF = 0.05
"""Share of answers cut off at the limit of tokens above which the limit has a part in the score."""


def mostly_unparsed(run: Run) -> bool:
    """Whether more than half of a run's answers hold nothing that its task extracts."""
    return run.counts.unparsed > MOST * run.counts.expected


def warnings_of(run: Run) -> list[str]:
    """Return what is to be said beside the scores of a run, each a sentence; [] where nothing is."""
    return [*_unread(run), *_cut_off(run)]


def _cut_off(run: Run) -> list[str]:
    counts = run.counts
    if counts.truncated <= CUT_OFF * counts.expected:
        return []
    return [
        f"{counts.truncated:,} of {counts.expected:,} answers were cut off at the limit of tokens, so the"
        " score also measures that limit; `-o max_tokens=N` before the task allows more."
    ]


def _unread(run: Run) -> list[str]:
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
