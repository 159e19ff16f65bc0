"""`assay rescore`: score a run's stored answers again, without a request."""

import asyncio
from typing import Annotated

import typer

from assay.cli.options import RUN, Json, read_settings
from assay.cli.scores import report
from assay.lookup.runs import find_run
from assay.store.store import Store
from harnesses.evaluation.rescore import rescore as score_again


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("rescore", help=help_)(rescore)


def rescore(
    ref: Annotated[str, typer.Argument(help=RUN)],
    task: Annotated[
        str | None, typer.Option("-t", "--task", help="Another variant of the task, such as gsm8k:openai.")
    ] = None,
    option: Annotated[list[str] | None, typer.Option("-o", "--option", help="key=value of the task.")] = None,
    json: bool = Json,
) -> None:
    """Keep the result as a run of its own; the run it comes from stays as it is."""
    with Store.open() as store:
        found = asyncio.run(
            score_again(
                store, find_run(store, ref), spec=task, overrides=read_settings(option or (), flag="-o")
            )
        )
    report([found], json=json)
    if found.status != "completed":
        raise typer.Exit(1)
