"""The answers of a run with their questions and scores, a few at a time, chosen by how they ended."""

from collections.abc import Iterator

from assay.records import Run, Status
from assay.report.side import Transcript
from assay.store.store import Store


def answers(
    store: Store, run: Run, *, status: Status | None = None, wrong: bool = False
) -> Iterator[Transcript]:
    """Yield answers by question and sample, with the score of the headline metric.

    `status` leaves those that ended so; `wrong` those whose value is 0, of metrics where more is better.
    """
    questions = store.questions(run.task_fingerprint)
    wanted = {
        (score.question_id, score.sample_index): score
        for score in store.scores(run.id, metric=run.headline)
        if (status is None or score.status == status) and (not wrong or score.value == 0)
    }
    for sample in store.samples(run.id):
        key = (sample.question_id, sample.index)
        if key in wanted and sample.question_id in questions:
            yield Transcript(questions[sample.question_id], sample, wanted[key])
