"""Stored runs to compare: scores of questions, under one task and checkpoint each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.lookup.sides import side_of
from assay.records import Checkpoint, Counts, MetricSummary, Run
from assay.report.compare import compare
from assay.report.models import Comparison
from assay.store import Store
from tests.store.examples import make_questions, make_run, make_samples, make_score

Samples = float | tuple[float | None, ...] | None


def stored(
    store: Store,
    name: str,
    values: Sequence[Samples],
    *,
    task: str = "arithmetic",
    step: int | None = None,
    training_run: str = "train",
    cluster: bool = False,
    metric: dict[str, Any] | None = None,
    ids: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
    **changes: Any,
) -> Run:
    """Store a completed run of these scores; several of a question are its samples."""
    samples = [value if isinstance(value, tuple) else (value,) for value in values]
    means = [mean_of(scores) for scores in samples]
    scored = [value for value in means if value is not None]
    question_ids = ids or [f"q{i}" for i in range(len(values))]
    run = make_run(
        f"{name}-{task}"[:24],
        task=task,
        task_fingerprint=f"print of {task}",
        checkpoint=Checkpoint(
            name=f"embedded:{name}",
            fingerprint=name,
            training_run=None if step is None else training_run,
            step=step,
        ),
        metrics={"exact": MetricSummary(value=sum(scored) / len(scored), n=len(values), **(metric or {}))},
        counts=Counts(expected=len(values), scored=len(values)),
        **changes,
    )
    run = store.begin_run(run, identity=run.id)
    store.save_questions(run.task_fingerprint, make_questions(len(values), cluster=cluster))
    store.save_samples(run.id, "all", make_samples(question_ids))
    scores = [
        make_score(id_, value, sample_index=index, weight=weight)
        for id_, row, weight in zip(question_ids, samples, weights or [1.0] * len(samples), strict=True)
        for index, value in enumerate(row)
    ]
    store.finish_run(run, scores)
    return run


def mean_of(scores: Sequence[float | None]) -> float | None:
    """The mean of the samples that have a score."""
    values = [score for score in scores if score is not None]
    return sum(values) / len(values) if values else None


def compared(store: Store, a: Sequence[Run], b: Sequence[Run], **options: Any) -> Comparison:
    """Compare stored runs."""
    return compare(side_of(store, a), side_of(store, b), **options)


def draws(seed: int, n: int = 200, p: float = 0.5) -> list[float]:
    """Right-or-wrong scores of which a share `p` is right."""
    return [float(x) for x in np.random.default_rng(seed).random(n) < p]


def flips(wins: int, losses: int, ties: int) -> tuple[list[float], list[float]]:
    """Scores of A and B with so many questions that only B, only A, and both got right."""
    return [0.0] * wins + [1.0] * (losses + ties), [1.0] * wins + [0.0] * losses + [1.0] * ties
