"""`assay run --dry-run`: what a command would ask, what is kept already, and where code would run."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import orjson
from rich.text import Text

from assay.names import short_checkpoint
from assay.render import terminal
from assay.render.fitting import FittedTable
from assay.render.numbers import DASH
from harnesses.evaluation.forecast import Forecast, TaskForecast, forecast
from harnesses.evaluation.job import make_job
from harnesses.evaluation.spec import Spec

COLUMNS = ("task", "questions", "samples", "cached", "to ask", "tokens in", "tokens out")
EXPENDABLE = (1, 2)
FOOTNOTE = (
    "Tokens in are estimated, four characters to a token; tokens out are the most that answers may take."
    " Nothing was asked."
)


def show_forecast(specs: Sequence[Spec], *, json: bool) -> None:
    """Print what evaluations would do, for people or as one JSON object."""
    total = asyncio.run(forecast([make_job(spec) for spec in specs]))
    if json:
        print(orjson.dumps(plain(total)).decode())
        return
    screen = terminal.console()
    several = len({task.checkpoint for task in total.tasks}) > 1
    rows = _rows(total.tasks)
    if several:
        names = [short_checkpoint(task.checkpoint) for task in total.tasks]
        rows = [(name, *row) for name, row in zip([*names, ""], rows, strict=True)]
    screen.print(
        FittedTable(
            ("checkpoint", *COLUMNS) if several else COLUMNS,
            rows,
            expendable=[number + several for number in EXPENDABLE],
            names=(0, 1) if several else (0,),
        )
    )
    for task in total.tasks:
        if task.unknown:
            screen.print(Text(f"{task.task}: not known what is cached: {task.unknown.rstrip('.')}."))
    screen.print(Text(f"Sandbox: {total.sandbox.reason}."))
    screen.print(Text(FOOTNOTE, style="dim"))


def plain(total: Forecast) -> dict[str, object]:
    """Write a forecast as the JSON of `assay run --dry-run --json`."""
    tasks = [asdict(task) | {"requests": task.requests} for task in total.tasks]
    return {"tasks": tasks, "sandbox": asdict(total.sandbox)}


def _rows(tasks: Sequence[TaskForecast]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (
            task.task,
            f"{task.questions:,}",
            f"{task.samples:,}",
            DASH if task.cached is None else f"{task.cached:,}",
            f"{task.requests:,}",
            f"{task.prompt_tokens:,}",
            f"{task.completion_tokens:,}",
        )
        for task in tasks
    ]
    if len(tasks) > 1:
        rows.append(
            (
                "together",
                f"{sum(task.questions for task in tasks):,}",
                f"{sum(task.samples for task in tasks):,}",
                f"{sum(task.cached or 0 for task in tasks):,}",
                f"{sum(task.requests for task in tasks):,}",
                f"{sum(task.prompt_tokens for task in tasks):,}",
                f"{sum(task.completion_tokens for task in tasks):,}",
            )
        )
    return rows
