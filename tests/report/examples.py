"""Stored runs to compare: scores of questions, under one task and checkpoint each."""

from collections.abc import Sequence
from typing import Any

from assay.records import Checkpoint, Counts, MetricSummary, Run
from assay.store import Store
from tests.store.examples import make_questions, make_run, make_samples, make_score


def stored(
    store: Store,
    name: str,
    values: Sequence[float | tuple[float, ...] | None],
    *,
    task: str = "arithmetic",
    step: int | None = None,
    training_run: str = "train",
    cluster: bool = False,
    metric: dict[str, Any] | None = None,
    ids: Sequence[str] | None = None,
    **changes: Any,
) -> Run:
    """Store a completed run of these scores; several of a question are its samples."""
    several = [value if isinstance(value, tuple) else (value,) for value in values]
    known = [sum(one) / len(one) for one in several if None not in one]  # type: ignore[arg-type]
    asked = ids or [f"q{i}" for i in range(len(values))]
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
        metrics={"exact": MetricSummary(value=sum(known) / len(known), n=len(values), **(metric or {}))},
        counts=Counts(expected=len(values), scored=len(values)),
        **changes,
    )
    run = store.begin_run(run, identity=run.id)
    store.save_questions(run.task_fingerprint, make_questions(len(values), cluster=cluster))
    store.save_samples(run.id, "all", make_samples(asked))
    scores = [
        make_score(id_, value, sample_index=place)
        for id_, one in zip(asked, several, strict=True)
        for place, value in enumerate(one)
    ]
    store.finish_run(run, scores)
    return run
