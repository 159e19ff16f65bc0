"""Check the scores of a run against the contract of a batch, some thousand at a time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from assay.records import Score
from assay.spool import Spool
from assay.store.contract import scores as contracts
from assay.store.contract.batch import MetricRange
from assay.store.contract.scores import Checked
from assay.store.quarantine import Quarantined
from tasks_lib.task import Metric

PART = 5_000
"""Samples in one batch: enough for its start hardly to count, few enough to be held several times over."""


class Part(NamedTuple):
    """The scores of some questions, all of theirs."""

    scores: Sequence[Score]
    asked: Sequence[str]
    """Ids of the questions."""
    samples: int


def check(parts: Iterable[Part], *, metrics: Iterable[Metric]) -> Checked:
    """Part the scores that may be stored from those for the quarantine; raises StoreError."""
    ranges = [MetricRange(name=m.name, low=m.low, high=m.high) for m in metrics]
    passed, quarantined = Spool(Score), list[Quarantined]()
    for part in parts:
        found = contracts.validate_scores(
            part.scores, expected=part.samples, known=part.asked, metrics=ranges
        )
        passed.extend(found.passed)
        quarantined += found.quarantined
    return Checked(passed, quarantined)
