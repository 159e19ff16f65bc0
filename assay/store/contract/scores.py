"""The contract of a batch of scores, checked before it is stored; what does not pass is set aside.

Great Expectations checks the batch (`expectations.py`) in a process of its own that stays warm (`server.py`),
because loading the library takes longer than most evaluations of one question.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from assay.records import Score
from assay.store.contract import client
from assay.store.contract.batch import Batch, MetricRange, Violation
from assay.store.quarantine import Quarantined


class Checked(NamedTuple):
    """The scores that passed, and those that did not with their reasons."""

    passed: Sequence[Score]
    quarantined: list[Quarantined]


def load() -> None:
    """Start the process that checks, without waiting for it."""
    client.start()


def validate_scores(
    scores: Sequence[Score], *, expected: int, known: Collection[str], metrics: Sequence[MetricRange]
) -> Checked:
    """Check a run's scores; `expected` is the number of samples, each scored once by every metric."""
    batch = Batch(
        question_id=[s.question_id for s in scores],
        sample_index=[s.sample_index for s in scores],
        metric=[s.metric for s in scores],
        status=[s.status for s in scores],
        value=[s.value for s in scores],
        rows=expected * len(metrics),
        known=sorted(known),
        metrics=list(metrics),
    )
    answer = client.ask(batch.model_dump_json().encode())
    return set_aside(scores, [Violation.model_validate(violation) for violation in answer])


def set_aside(scores: Sequence[Score], violations: Sequence[Violation]) -> Checked:
    """Separate the scores that broke an expectation from the others."""
    broken: set[int] = set()
    quarantined: list[Quarantined] = []
    for violation in violations:
        broken.update(violation.rows)
        quarantined += [
            Quarantined(
                kind="score",
                question_id=scores[row].question_id,
                reason=violation.reason,
                record=_plain(scores[row]),
            )
            for row in violation.rows
        ]
        if not violation.rows:
            quarantined.append(Quarantined(kind="batch", reason=violation.reason, record={}))
    return Checked([s for row, s in enumerate(scores) if row not in broken], quarantined)


def _plain(score: Score) -> dict[str, JsonValue]:
    return score.model_dump(mode="json")
