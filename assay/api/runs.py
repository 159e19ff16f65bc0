"""Runs that are in the store."""

import pandas as pd

from assay.api.result import Result
from assay.lookup.runs import find_run
from assay.store.store import Store

LATEST = 50


def load_run(ref: str) -> Result:
    """Load a run by its id, the beginning of it, or its checkpoint and task: `demo@250@gsm8k`.

    Raises UnknownName, and BadSpec where the name is ambiguous.
    """
    with Store.open() as store:
        return Result(find_run(store, ref))


def runs(
    *,
    task: str | None = None,
    checkpoint: str | None = None,
    training_run: str | None = None,
    limit: int = LATEST,
) -> "Runs":
    """List the newest runs, of one task, checkpoint or training run where these are named."""
    with Store.open() as store:
        found = store.runs(task=task, checkpoint=checkpoint, training_run=training_run, limit=limit)
    return Runs([Result(run) for run in found])


class Runs(list[Result]):
    """Results, newest first."""

    def to_pandas(self) -> pd.DataFrame:
        """A frame with one row a run, of its headline metric.

        Columns: `id`, `task`, `checkpoint`, `training_run`, `step`, `harness`, `status`, `metric`, `value`,
        `se`, `low`, `high`, `mde`, `n`, `started`. Rates are fractions of one, times are UTC.
        """
        return pd.DataFrame.from_records([_row(result) for result in self], columns=COLUMNS)

    def _repr_html_(self) -> str:
        shown: str = self.to_pandas().to_html(index=False, na_rep="–")
        return shown


COLUMNS = [
    *["id", "task", "checkpoint", "training_run", "step", "harness", "status"],
    *["metric", "value", "se", "low", "high", "mde", "n", "started"],
]


def _row(result: Result) -> tuple[object, ...]:
    run = result.run
    metric = run.metrics.get(run.headline)
    summary = (
        (None,) * 6
        if metric is None
        else (metric.value, metric.se, metric.low, metric.high, metric.mde, metric.n)
    )
    return (
        *(run.id, run.task, run.checkpoint.name, run.checkpoint.training_run, run.checkpoint.step),
        *(run.harness, run.status, run.headline, *summary, run.started),
    )
