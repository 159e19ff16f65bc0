"""Check the scores of a run against the contract of a batch, some thousand at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from assay.batching import batched
from assay.records import Score
from assay.spool import Spool
from assay.store.contract import scores as contract
from assay.store.contract.batch import MetricRange
from assay.store.contract.scores import Checked
from assay.store.quarantine import Quarantined
from harnesses.evaluation.plan import Plan
from harnesses.evaluation.score import ShardScores
from tasks_lib.task import Metric

BATCH = 5_000
"""Samples in one batch: enough for its start hardly to count, few enough to be held several times over."""


class ScoreBatch(NamedTuple):
    """All scores of some questions."""

    scores: Sequence[Score]
    question_ids: Sequence[str]
    samples: int


def check_run(plan: Plan, scores: ShardScores) -> Checked:
    """Check all scores of a run; those that break the contract are put into quarantine."""
    return check(_batches(plan, scores), metrics=plan.job.task.metrics)


def check(batches: Iterable[ScoreBatch], *, metrics: Iterable[Metric]) -> Checked:
    """Separate the scores that may be stored from those for the quarantine; raises StoreError."""
    ranges = [MetricRange(name=metric.name, low=metric.low, high=metric.high) for metric in metrics]
    passed, quarantined = Spool(Score), list[Quarantined]()
    for batch in batches:
        checked = contract.validate_scores(
            batch.scores, expected=batch.samples, known=batch.question_ids, metrics=ranges
        )
        passed.extend(checked.passed)
        quarantined += checked.quarantined
    return Checked(passed, quarantined)


def _batches(plan: Plan, scores: ShardScores) -> Iterator[ScoreBatch]:
    samples = plan.job.task.samples
    largest = len(plan.shards[0].questions) * samples
    for numbers in batched(range(len(plan.shards)), size=max(1, BATCH // largest)):
        question_ids = [question.id for number in numbers for question in plan.shards[number].questions]
        yield ScoreBatch(list(scores.of(numbers)), question_ids, len(question_ids) * samples)
