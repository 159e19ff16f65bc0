"""`assay suites score`: the number of a suite for a checkpoint, from the runs in the store."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import orjson
import typer
from rich.table import Table

from assay.cli.arguments import TasksDir
from assay.cli.options import CHECKPOINT, Json
from assay.lookup.names import Reference
from assay.lookup.runs import find_checkpoint
from assay.records import Run
from assay.render.numbers import DASH
from assay.render.numbers import score as written
from assay.render.terminal import console
from assay.store.store import Store
from tasks_lib.spec import expand, resolve_task
from tasks_lib.suites.scores import SuiteScore, TaskScore, suite_score

NEWEST = 100  # runs of a task that are looked through
INDENT = "  "


def score(
    suite: Annotated[str, typer.Argument(help="Suite[:variant...].")],
    model: Annotated[str, typer.Option("-m", "--model", help=CHECKPOINT)],
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take runs of so many questions, instead of whole ones.")
    ] = None,
    tasks_dir: TasksDir = None,
    json: bool = Json,
) -> None:
    """Score a suite from the newest completed run of each of its tasks.

    A suite of which a task has no such run has no number.
    """
    with Store.open() as store:
        checkpoint = find_checkpoint(store, model)
        scores = {
            member.spec: task_score(run)
            for member in expand(suite)
            if (run := newest_run(store, member.spec, checkpoint=checkpoint, limit=limit))
        }
    tree = suite_score(suite, scores)
    if json:
        print(orjson.dumps({"suite": as_json(tree)}).decode())
        return
    console().print(_table(tree, scores))
    if tree.undefined:
        console().print(f"{suite} has no number: {tree.undefined}.", markup=False)


def newest_run(store: Store, spec: str, *, checkpoint: Reference, limit: int | None) -> Run | None:
    """Find the newest completed run of a task: of all questions, or of the first few."""
    runs = store.runs(
        task=resolve_task(spec, {}).name,
        checkpoint=checkpoint.checkpoint,
        training_run=checkpoint.training_run,
        step=checkpoint.step,
        limit=NEWEST,
    )
    fitting = (run for run in runs if run.status == "completed" and not run.options and run.limit == limit)
    return next(fitting, None)


def task_score(run: Run) -> TaskScore:
    """Take the headline metric of a run."""
    metric = run.metrics[run.headline]
    return TaskScore(metric.value, metric.se, metric.n, metric.lower_is_better, metric.unit)


def as_json(score_: SuiteScore) -> dict[str, object]:
    """Return a suite's score with those of its members as JSON."""
    fields = score_._asdict()
    return {**fields, "members": [as_json(member) for member in score_.members]}


def _table(tree: SuiteScore, scores: Mapping[str, TaskScore]) -> Table:
    table = Table("suite or task", "score", "±", "questions", box=None)
    for depth, node in _lines(tree, depth=0):
        task = scores.get(node.spec)
        unit = "rate" if node.unit == "rate" else "number"
        table.add_row(
            INDENT * depth + node.spec,
            written(node.value, se=node.se, unit=unit),
            DASH if node.se is None else written(node.se, se=node.se, unit=unit),
            "" if task is None else str(task.questions),
        )
    return table


def _lines(node: SuiteScore, *, depth: int) -> Sequence[tuple[int, SuiteScore]]:
    below = [line for member in node.members for line in _lines(member, depth=depth + 1)]
    return [(depth, node), *below]
