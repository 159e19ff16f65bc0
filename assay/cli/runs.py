"""`assay runs`: list the runs in the store; show or remove one."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer

from assay.cli.options import RUN, Json
from assay.cli.scores import plain, report
from assay.errors import BadSpec
from assay.lookup.names import Reference, read_name
from assay.lookup.runs import find_run
from assay.names import short_checkpoint
from assay.records import Run, RunStatus
from assay.render.fitting import FittedTable
from assay.render.limits import in_flight
from assay.render.numbers import rate
from assay.render.terminal import console
from assay.report.warnings import mostly_unparsed, warnings_of
from assay.store.store import Store

PLAIN = "plain"
AGO = re.compile(r"(?P<number>\d{1,4})(?P<unit>[mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    runs = typer.Typer(help=help_, invoke_without_command=True)
    runs.callback()(list_)
    runs.command("list", help="List runs, newest first, as `assay runs` does.")(list_)
    runs.command("show")(show)
    runs.command("remove")(remove)
    app.add_typer(runs, name="runs")


Task = Annotated[str | None, typer.Option("-t", "--task", help="Only this task.")]
Model = Annotated[str | None, typer.Option("-m", "--model", help="Only this checkpoint.")]
Training = Annotated[str | None, typer.Option("--run", help="Only this training run.")]
Ended = Annotated[RunStatus | None, typer.Option("--status", help="Only runs with this status.")]
Since = Annotated[str | None, typer.Option("--since", help="Started since: 3d, 12h, or 2026-05-31.")]
Limit = Annotated[int, typer.Option(min=1, help="Number of runs to list, newest first.")]


def list_(
    ctx: typer.Context,
    task: Task = None,
    checkpoint: Model = None,
    training_run: Training = None,
    status: Ended = None,
    since: Since = None,
    limit: Limit = 20,
    json: bool = Json,
) -> None:
    """List runs, newest first."""
    if ctx.invoked_subcommand:
        return
    started = None if since is None else read_since(since)
    with Store.open() as store:
        reference = Reference() if checkpoint is None else read_name(checkpoint, store.checkpoint_tasks())
        runs = (
            []
            if reference is None
            else store.runs(
                task=reference.task or task,
                checkpoint=reference.checkpoint,
                training_run=reference.training_run or training_run,
                step=reference.step,
                status=status,
                since=started,
                limit=limit,
            )
        )
    if json:
        print(orjson.dumps({"runs": [plain(run) for run in runs]}).decode())
    elif runs:
        console().print(_table(runs))
        for run in runs:
            for warning in warnings_of(run):
                console().print(f"{run.id}: {warning}", style="yellow", markup=False)
    elif any((task, checkpoint, training_run, status, since)):
        console().print("No such run.", markup=False)
    else:
        console().print("No run yet. `assay demo` makes some.", markup=False)


def read_since(text: str) -> datetime:
    """Read `3d`, `12h`, `30m` or a day, each in the time of this machine; raises BadSpec."""
    if ago := AGO.fullmatch(text.strip()):
        return datetime.now(UTC) - timedelta(**{UNITS[ago["unit"]]: int(ago["number"])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except ValueError as error:
        raise BadSpec(
            f"--since takes a time, not {text!r}.", remedy="For example: --since 3d, --since 2026-05-31"
        ) from error


def show(ref: Annotated[str, typer.Argument(help=RUN)], json: bool = Json) -> None:
    """Show one run."""
    with Store.open() as store:
        run = find_run(store, ref)
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


def remove(ref: Annotated[str, typer.Argument(help=RUN)], json: bool = Json) -> None:
    """Forget a run with its samples and scores; its answers stay in the response log."""
    with Store.open() as store:
        run = find_run(store, ref)
        store.remove_run(run.id)
    if json:
        print(orjson.dumps({"removed": run.id}).decode())
    else:
        console().print(f"Removed {run.id} ({run.task} on {run.checkpoint.name}).", markup=False)


COLUMNS = ("run", "started", "checkpoint", "task", "harness", "status", "score", "")
NAME, TASK = COLUMNS.index("checkpoint"), COLUMNS.index("task")
STARTED, HARNESS, STATUS, METRIC = 1, 4, 5, 7


def _table(found: Sequence[Run]) -> FittedTable:
    """List runs: checkpoints by their short names, the harness and the status where one is special."""
    special = any(run.harness != PLAIN for run in found)
    expendable = [METRIC, STARTED]
    if all(_status(run) == "completed" for run in found):
        expendable.append(STATUS)
    expendable.append(HARNESS)
    columns = [number for number in range(len(COLUMNS)) if special or number != HARNESS]
    rows = [_row(run) for run in found]
    return FittedTable(
        [COLUMNS[number] for number in columns],
        [[row[number] for number in columns] for row in rows],
        expendable=[columns.index(number) for number in expendable if number in columns],
        names=(columns.index(NAME), columns.index(TASK)),
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
        _status(run),
        _score(run),
        run.headline,
    )


def _status(run: Run) -> str:
    return f"{run.status}, unparsed" if mostly_unparsed(run) else run.status


def _score(run: Run) -> str:
    metric = run.metrics.get(run.headline)
    if metric is None:
        return ""
    value, error = (rate(x, se=metric.se, unit=metric.unit) for x in (metric.value, metric.se))
    return f"{value} ± {error}{'%' if metric.unit == 'rate' else ''}"
