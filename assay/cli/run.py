"""`assay run`: evaluate a checkpoint on tasks or suites."""

import asyncio
from typing import Annotated, Literal

import typer

from assay.cli.arguments import TasksDir, read_tasks
from assay.cli.checkpoints import read_checkpoints
from assay.cli.flowing import load_flows
from assay.cli.forecasts import show_forecast
from assay.cli.messages import complain
from assay.cli.options import CHECKPOINT, Json, read_settings
from assay.cli.scores import report
from assay.errors import SHOWN_IDS, BadSpec, RunFailed
from assay.lookup.runs import find_runs
from assay.records import Run
from assay.redaction import hide, redact
from assay.report.warnings import mostly_unparsed
from assay.store.store import Store
from harnesses.evaluation.spec import Spec
from harnesses.harness import load_harness
from harnesses.providers.catalog import check_settings
from tasks_lib.spec import expand, resolve_task


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("run", help=help_)(run)


def run(
    ctx: typer.Context,
    model: Annotated[
        list[str],
        typer.Option("-m", "--model", help="Checkpoint, as provider:name or a pattern of paths; repeatable."),
    ],
    task: Annotated[list[str], typer.Option("-t", "--task", help="Task[:variant...] or suite; repeatable.")],
    harness: Annotated[str, typer.Option("-H", "--harness", help="Preset or YAML file.")] = "plain",
    option: Annotated[
        list[str] | None, typer.Option("-o", "--option", help="key=value for the task before it; repeatable.")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("-M", "--setting", help="Provider setting key=value; repeatable.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask a fixed selection of so many questions.")
    ] = None,
    max_failed: Annotated[int, typer.Option(min=0, help="How many samples may fail.")] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask again, whatever the response log holds.")
    ] = False,
    stop_when: Annotated[
        Literal["resolved"] | None,
        typer.Option(help="Ask in random order, and stop once the verdict against --against is settled."),
    ] = None,
    against: Annotated[str | None, typer.Option(help=f"Baseline of --stop-when. {CHECKPOINT}")] = None,
    unsafe_local: Annotated[
        bool, typer.Option("--unsafe-local", help="Run programs without isolation where none is possible.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what would be asked and where code would run; ask nothing."),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="End with exit code 1 where most answers of a task were not understood."
        ),
    ] = False,
    training_run: Annotated[str | None, typer.Option("--run", help="Training run of the checkpoint.")] = None,
    step: Annotated[
        int | None,
        typer.Option(min=0, help="Training step of the checkpoint; of several, it is read from their names."),
    ] = None,
    tasks_dir: TasksDir = None,
    json: bool = Json,
) -> None:
    """Evaluate, show progress, then the scores."""
    asked = [(member.spec, one.options) for one in read_tasks(ctx.obj) for member in expand(one.spec)]
    if not asked:
        raise BadSpec("None of the suite's tasks is installed.", remedy="See what it holds: assay suites")
    if len({(spec, tuple(options.items())) for spec, options in asked}) < len(asked):
        raise BadSpec(
            "A task is asked for twice.", remedy="Name each task once; a suite may hold it already."
        )
    for spec, options in asked:
        resolve_task(spec, options)
    if (stop_when is None) is not (against is None):
        raise BadSpec(
            "--stop-when and --against belong together.",
            remedy="For example: --stop-when resolved --against RUN",
        )
    if against is not None:
        with Store.open() as store:
            find_runs(store, against)
    load_harness(harness)
    settings = hide(read_settings(setting or (), flag="-M"))
    checkpoints = read_checkpoints(model, training_run=training_run, step=step)
    for each in checkpoints:
        check_settings(each.checkpoint, settings)
    common = {
        "harness": harness,
        "settings": settings,
        "limit": limit,
        "max_failed": max_failed,
        "fresh": fresh,
        "against": against,
        "unsafe_local": unsafe_local,
        "command": redact(" ".join(["assay", *ctx.obj])),
    }
    specs = [
        Spec(**common, **each._asdict(), task=spec, overrides=options)
        for each in checkpoints
        for spec, options in asked
    ]
    if dry_run:
        show_forecast(specs, json=json)
        return
    flows = load_flows()
    outcomes = asyncio.run(flows.evaluate(specs, quiet=json))
    with Store.open() as store:
        runs = [store.run(outcome.run) for outcome in outcomes if outcome.run]
    report(runs, json=json)
    for outcome in outcomes:
        if outcome.problem:
            name = outcome.spec.task if len(checkpoints) == 1 else outcome.spec.title
            complain(f"{name}: {outcome.problem}")
    code = flows.worst_exit(outcomes)
    if strict and (doubtful := [run for run in runs if mostly_unparsed(run)]):
        complain(str(unread(doubtful)))
        code = max(code, RunFailed.exit_code)
    raise typer.Exit(code)


def unread(runs: list[Run]) -> RunFailed:
    """Say that most answers of these runs were not understood, which --strict takes for an error."""
    named = ", ".join(f"{run.id} ({run.task})" for run in runs[:SHOWN_IDS])
    return RunFailed(
        f"Most answers of {len(runs)} run{'s' if len(runs) > 1 else ''} were not understood: {named}.",
        remedy=f"Look at them: assay samples {runs[0].id} --status unparsed",
    )
