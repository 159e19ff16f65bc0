"""`assay runs`: list the runs in the store; show or remove one."""

from collections.abc import Sequence
from typing import Annotated

import orjson
import typer

from assay.cli.options import Json
from assay.cli.run import plain, report
from assay.names import short_checkpoint
from assay.records import Run
from assay.render.fitting import FittedTable
from assay.render.limits import in_flight
from assay.render.numbers import rate
from assay.render.terminal import console
from assay.store.store import Store

PLAIN = "plain"


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    runs = typer.Typer(help=help_, invoke_without_command=True)
    runs.callback()(list_)
    runs.command("show")(show)
    runs.command("remove")(remove)
    app.add_typer(runs, name="runs")


def list_(
    ctx: typer.Context,
    task: Annotated[str | None, typer.Option("-t", "--task", help="Of this task only.")] = None,
    checkpoint: Annotated[str | None, typer.Option("-m", "--model", help="Of this checkpoint only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    json: bool = Json,
) -> None:
    """List runs, newest first."""
    if ctx.invoked_subcommand:
        return
    with Store.open() as store:
        found = store.runs(task=task, checkpoint=checkpoint, limit=limit)
    if json:
        print(orjson.dumps({"runs": [plain(run) for run in found]}).decode())
        return
    if not found and (task or checkpoint):
        console().print("No such run.", markup=False)
    elif not found:
        console().print("No run yet. `assay demo` makes some.", markup=False)
    else:
        console().print(_table(found))


def show(
    ref: Annotated[str, typer.Argument(help="Id, its beginning, or CHECKPOINT@TASK")], json: bool = Json
) -> None:
    """Show one run."""
    with Store.open() as store:
        run = store.run(ref)
    if json:
        print(orjson.dumps(run.model_dump(mode="json")).decode())
        return
    report([run], json=False)
    told = {
        "checkpoint": run.checkpoint.name,
        "fingerprint": run.checkpoint.fingerprint,
        "task": run.task_fingerprint,
        "data": run.dataset_digest,
        "harness": run.harness_fingerprint,
        "command": run.provenance.command,
        "commit": run.provenance.commit,
        "started": run.started.isoformat(timespec="seconds"),
        "in flight": in_flight(run.limits) or ("not recorded" if run.requested else "nothing was sent"),
    }
    for key, value in told.items():
        console().print(f"{key:12} {value}", markup=False)


def remove(ref: Annotated[str, typer.Argument(help="Id or its beginning")], json: bool = Json) -> None:
    """Forget a run with its samples and scores; its answers stay in the response log."""
    with Store.open() as store:
        run = store.run(ref)
        store.remove_run(run.id)
    if json:
        print(orjson.dumps({"removed": run.id}).decode())
    else:
        console().print(f"Removed {run.id} ({run.task} on {run.checkpoint.name}).", markup=False)


COLUMNS = ("run", "started", "checkpoint", "task", "harness", "status", "score", "")
CHECKPOINT, TASK = COLUMNS.index("checkpoint"), COLUMNS.index("task")
STARTED, HARNESS, STATUS, METRIC = 1, 4, 5, 7


def _table(found: Sequence[Run]) -> FittedTable:
    """List runs: checkpoints by their short names, the harness and the status where one is special."""
    special = any(run.harness != PLAIN for run in found)
    expendable = [METRIC, STARTED]
    if all(run.status == "completed" for run in found):
        expendable.append(STATUS)
    expendable.append(HARNESS)
    columns = [number for number in range(len(COLUMNS)) if special or number != HARNESS]
    rows = [_row(run) for run in found]
    return FittedTable(
        [COLUMNS[number] for number in columns],
        [[row[number] for number in columns] for row in rows],
        expendable=[columns.index(number) for number in expendable if number in columns],
        names=(columns.index(CHECKPOINT), columns.index(TASK)),
        left=(0, 1, columns.index(STATUS), len(columns) - 1),
        box=None,
    )


def _row(run: Run) -> tuple[str, ...]:
    known = run.checkpoint
    return (
        run.id,
        run.started.astimezone().strftime("%m-%d %H:%M"),
        short_checkpoint(known.name, training_run=known.training_run, step=known.step),
        run.task,
        run.harness,
        run.status,
        _score(run),
        run.headline,
    )


def _score(run: Run) -> str:
    metric = run.metrics.get(run.headline)
    if metric is None:
        return ""
    value, error = (rate(x, se=metric.se, unit=metric.unit) for x in (metric.value, metric.se))
    return f"{value} ± {error}{'%' if metric.unit == 'rate' else ''}"
