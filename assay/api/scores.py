"""The samples of a run with their scores, as rows or as a pandas frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from assay.errors import UnknownName
from assay.records import Run, Status
from assay.store.store import Store


class ScoredSample(NamedTuple):
    """One sample and its score by one metric; the fields are the columns of `to_pandas()`."""

    question_id: str
    sample: int
    """Which of the K samples of the question."""
    question: str
    target: str | None
    """The gold answer, or the text of the right choice."""
    output: str
    """What the model wrote; empty where log-likelihoods were compared."""
    answer: str | None
    """What was extracted from the output."""
    status: Status
    """`scored`, `truncated`, `unparsed`, `failed` or `skipped`."""
    value: float | None
    """The score; None where the status is `failed` or `skipped`."""
    explanation: str | None
    """What the scorer says of it, or why the sample failed."""


@dataclass(frozen=True)
class ScoreTable:
    """The samples of a run, read from the store when they are asked for."""

    run: Run
    metric: str = ""
    """Name of the metric; empty for the headline."""

    def by(self, metric: str) -> "ScoreTable":
        """The same samples, scored by another metric of the run; raises UnknownName."""
        if metric not in self.run.metrics:
            raise UnknownName("metric", metric, self.run.metrics)
        return ScoreTable(self.run, metric)

    def __iter__(self) -> Iterator[ScoredSample]:
        """Yield the rows in the order of question ids and sample indexes."""
        with Store.open() as store:
            questions = store.questions(self.run.task_fingerprint)
            scores = {
                (score.question_id, score.sample_index): score
                for score in store.scores(self.run.id, metric=self.metric or self.run.headline)
            }
            for sample in store.samples(self.run.id):
                score = scores.get((sample.question_id, sample.index))
                if score is None:
                    continue
                question = questions[sample.question_id]
                choice = question.choices[question.answer] if question.answer is not None else None
                yield ScoredSample(
                    question_id=sample.question_id,
                    sample=sample.index,
                    question=question.text,
                    target=question.target if choice is None else choice,
                    output=sample.output,
                    answer=score.answer,
                    status=score.status,
                    value=score.value,
                    explanation=score.explanation,
                )

    def to_pandas(self) -> pd.DataFrame:
        """A frame with one row a sample and the columns of `ScoredSample`."""
        return pd.DataFrame.from_records(list(self), columns=list(ScoredSample._fields))
