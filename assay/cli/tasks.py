"""`assay tasks`: list tasks, show one, prove one."""

import asyncio
from typing import Annotated

import orjson
import typer
from rich.table import Table

from assay.cli.options import Json
from assay.render.terminal import console
from sandbox.planner import plan
from sandbox.pool import Pool
from tasks_lib.check import Problem, check
from tasks_lib.registry import describe, task_names, variants_of
from tasks_lib.spec import resolve_task


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    tasks = typer.Typer(help=help_, invoke_without_command=True)
    tasks.callback()(list_)
    tasks.command("show")(show)
    tasks.command("check")(check_)
    app.add_typer(tasks, name="tasks")


def list_(ctx: typer.Context, json: bool = Json) -> None:
    """List the tasks with what they measure."""
    if ctx.invoked_subcommand:
        return
    if json:
        found = [{"name": n, "about": describe(n), "variants": variants_of(n)} for n in task_names()]
        print(orjson.dumps({"tasks": found}).decode())
        return
    table = Table(box=None, pad_edge=False)
    for column in ("task", "about", "variants"):
        table.add_column(column, overflow="fold")
    for name in task_names():
        table.add_row(name, describe(name), " ".join(_shown(pattern) for pattern in variants_of(name)))
    console().print(table)


def show(spec: str, json: bool = Json) -> None:
    """Show what a task is made of."""
    task = resolve_task(spec, {})
    told = {
        "task": task.name,
        "about": describe(spec.partition(":")[0]),
        "source": str(task.source),
        "metrics": [metric.name for metric in task.metrics],
        "shots": task.shots,
        "shot_rule": task.shot_rule,
        "samples": task.samples,
        "margin": task.margin,
        "sampling": task.generate.model_dump(mode="json"),
        "needs": sorted(task.needs),
    }
    if json:
        print(orjson.dumps(told).decode())
        return
    for key, value in told.items():
        console().print(f"{key:10} {value}", markup=False)


def check_(
    specs: Annotated[list[str], typer.Argument(help="Task[:variant...]")],
    limit: Annotated[int | None, typer.Option(min=1, help="Check so many questions only.")] = None,
    json: bool = Json,
) -> None:
    """Prove tasks without a model: gold answers score 1, corrupted ones do not, prompts are stable."""
    found = {spec: asyncio.run(_proven(spec, limit=limit)) for spec in specs}
    if json:
        plain = {spec: [problem._asdict() for problem in problems] for spec, problems in found.items()}
        print(orjson.dumps({"tasks": plain}).decode())
    else:
        for spec, problems in found.items():
            console().print(f"{spec}: {'sound' if not problems else _told(problems)}", markup=False)
    if any(found.values()):
        raise typer.Exit(1)


async def _proven(spec: str, *, limit: int | None) -> list[Problem]:
    task = resolve_task(spec, {})
    async with Pool(await plan(task.needs)) as pool:
        return await check(task, pool=pool, limit=limit)


def _told(problems: list[Problem]) -> str:
    return f"{len(problems)} problems\n" + "\n".join(f"  {p.question}: {p.what}" for p in problems[:10])


def _shown(pattern: str) -> str:
    return pattern.replace(r"(\d+)", "N")
