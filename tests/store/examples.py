"""Small records to keep: a run, its questions, samples and scores."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from assay.records import Checkpoint, Counts, Question, Run, Sample, Score

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHECKPOINT = "embedded:runs/a/step-100"


def make_run(id_: str = "run-0001", *, minute: int = 0, **changes: Any) -> Run:
    """A completed run without samples, begun some minutes after noon."""
    facts: dict[str, Any] = {
        "task": "arithmetic",
        "task_fingerprint": "task-print",
        "harness": "completion",
        "harness_fingerprint": "harness-print",
        "checkpoint": Checkpoint(name=CHECKPOINT, fingerprint="weights", training_run="a", step=100),
        "dataset_digest": "data",
        "status": "completed",
        "headline": "exact",
        "started": NOON + timedelta(minutes=minute),
    }
    return Run(id=id_, **{**facts, **changes})


def at_step(step: int, *, name: str | None = None) -> Checkpoint:
    """A checkpoint of the training run `a`."""
    name = name or f"embedded:runs/a/step-{step}"
    return Checkpoint(name=name, fingerprint=f"weights-{step}", training_run="a", step=step)


def make_questions(count: int, *, cluster: bool = False) -> list[Question]:
    """Questions q0, q1, ... of one data set."""
    return [
        Question(
            id=f"q{i}", digest=f"digest-{i}", row=i, text=f"What is {i} + {i}?", target=str(2 * i),
            cluster=f"c{i // 2}" if cluster else None,
        )
        for i in range(count)
    ]  # fmt: skip


def make_samples(ids: Sequence[str], *, output: str = "four") -> list[Sample]:
    """One sample for each question."""
    return [Sample(question_id=id_, output=output) for id_ in ids]


def make_score(id_: str, value: float | None = 1.0, **changes: Any) -> Score:
    """A score of the metric `exact`; failed where there is no value."""
    facts: dict[str, Any] = {"metric": "exact", "status": "failed" if value is None else "scored"}
    return Score(question_id=id_, value=value, **{**facts, **changes})


def counted(scored: int) -> Counts:
    """The counts of a run in which nothing failed."""
    return Counts(expected=scored, scored=scored)
