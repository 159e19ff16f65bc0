"""The answers of a run with their questions and scores, a few at a time, filtered by status and value."""

from collections.abc import Iterator

from assay.records import Run, Status
from assay.report.side import Transcript
from assay.store.store import Store


def answers(
    store: Store, run: Run, *, status: Status | None = None, wrong: bool = False
) -> Iterator[Transcript]:
    """Yield answers by question and sample, with the score of the headline metric.

    `status` keeps only answers with that status, `wrong` only those with a value of 0.
    """
    questions = store.questions(run.task_fingerprint)
    scores = {
        (score.question_id, score.sample_index): score
        for score in store.scores(run.id, metric=run.headline)
        if (status is None or score.status == status) and (not wrong or score.value == 0)
    }
    for sample in store.samples(run.id):
        key = (sample.question_id, sample.index)
        if key in scores and sample.question_id in questions:
            yield Transcript(questions[sample.question_id], sample, scores[key])
