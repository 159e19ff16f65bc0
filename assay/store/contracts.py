"""The contract of a batch of scores, checked before it is stored; what does not pass is set aside.

Great Expectations checks the batch (`assay.store.expectations`) in a process of its own that stays warm
(`assay.store.validator`), because loading it takes longer than most evaluations of one question.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from assay.records import Record, Score
from assay.store import validator
from assay.store.quarantine import Quarantined


class MetricRange(Record):
    """A metric of a batch and the range of its values; None where there is no end."""

    name: str
    low: float | None = None
    high: float | None = None


class Batch(Record):
    """The columns of a batch of scores, and what must hold of them."""

    question_id: list[str]
    sample_index: list[int]
    metric: list[str]
    status: list[str]
    value: list[float | None]
    rows: int
    """How many there must be."""
    known: list[str]
    """Ids of the questions that were asked."""
    metrics: list[MetricRange]


class Violation(Record):
    """One broken expectation: which rows broke it; none where it concerns the batch as a whole."""

    reason: str
    rows: tuple[int, ...] = ()


class Checked(NamedTuple):
    """The scores that passed, and what did not with its reason."""

    passed: Sequence[Score]
    quarantined: list[Quarantined]


def load() -> None:
    """Start loading the library that checks, without waiting for it."""
    validator.start()


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
    answer = validator.ask(batch.model_dump_json().encode())
    return set_aside(scores, [Violation.model_validate(one) for one in answer])


def set_aside(scores: Sequence[Score], violations: Sequence[Violation]) -> Checked:
    """Part the scores that broke an expectation from the others."""
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
