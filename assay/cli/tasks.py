"""`assay tasks`: list tasks, show one, prove one."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import orjson
import typer
from rich.table import Table

from assay.cli.arguments import TaskOptions, TasksDir, TaskSpec
from assay.cli.options import Json, read_settings
from assay.cli.proofs import Proof, all_specs, prove, prove_if_possible
from assay.cli.task_download import download
from assay.errors import BadSpec
from assay.render.terminal import console
from tasks_lib.options import OPTIONS
from tasks_lib.registry import describe, described_variants, task_names, variants_of
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task

SHOWN = 10


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    tasks = typer.Typer(help=help_, invoke_without_command=True)
    tasks.callback()(list_)
    tasks.command("list", help="List the tasks, as `assay tasks` does.")(list_)
    tasks.command("show")(show)
    tasks.command("check")(check_)
    tasks.command("download")(download)
    app.add_typer(tasks, name="tasks")


def list_(ctx: typer.Context, tasks_dir: TasksDir = None, json: bool = Json) -> None:
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
    screen = console()
    screen.print(table)
    screen.print(
        "\nWrite a variant after a colon: gsm8k:5shot. `assay tasks show TASK` tells more.", style="dim"
    )


def show(spec: TaskSpec, option: TaskOptions = None, tasks_dir: TasksDir = None, json: bool = Json) -> None:
    """Show what a task is made of."""
    task = resolve_task(spec, read_settings(option or (), flag="-o"))
    bare = task.name.partition(":")[0]
    variants = {_shown(pattern): about for pattern, about in described_variants(bare).items()}
    told = {
        "task": task.name,
        "about": describe(bare),
        "source": str(task.source),
        "fewshot": _fewshot(task),
        "shots": task.shots,
        "shot_rule": task.shot_rule,
        "metrics": [metric.name for metric in task.metrics],
        "samples": task.samples,
        "sampling": task.generate.model_dump(mode="json"),
        "needs": sorted(task.needs),
        "margin": task.margin,
        "options": list(OPTIONS),
        "variants": variants,
    }
    if json:
        print(orjson.dumps(told).decode())
        return
    screen = console()
    for key, value in told.items():
        screen.print(f"{key:10} {_plain(value)}", markup=False)


def _fewshot(task: Task) -> str | None:
    if task.fewshot is None and task.shot_keys:
        return "a file that you name: -o fewshot_source=FILE"
    return None if task.fewshot is None else str(task.fewshot)


def check_(
    specs: Annotated[
        list[str] | None, typer.Argument(help="Task[:variant...]; several may be named.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Check every task whose data is here, in each dialect it has.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Check so many questions only.")] = None,
    option: TaskOptions = None,
    tasks_dir: TasksDir = None,
    json: bool = Json,
) -> None:
    """Prove tasks without a model: gold answers score 1, corrupted ones do not, prompts are stable."""
    if everything is bool(specs):
        raise BadSpec("Nothing says which tasks to check.", remedy="Name tasks, or write --all alone.")
    options = read_settings(option or (), flag="-o")
    if everything and options:
        raise BadSpec("An option belongs to one task.", remedy="Name the task instead of --all.")
    proofs = []
    for spec in all_specs() if everything else specs or ():
        work = prove_if_possible(spec, limit=limit) if everything else prove(spec, options, limit=limit)
        proofs.append(asyncio.run(work))
        if not json:
            console().print(f"{spec}: {_verdict(proofs[-1])}", markup=False)
    if json:
        found = {proof.spec: [problem._asdict() for problem in proof.problems] for proof in proofs}
        skipped = {"skipped": {proof.spec: proof.skipped for proof in proofs if proof.skipped}}
        print(orjson.dumps({"tasks": found, **(skipped if everything else {})}).decode())
    elif everything:
        console().print(_totals(proofs), markup=False)
    if any(proof.problems for proof in proofs):
        raise typer.Exit(1)


def _verdict(proof: Proof) -> str:
    if proof.skipped:
        return f"not checked. {proof.skipped}"
    if not proof.problems:
        return "sound"
    lines = [
        f"{len(proof.problems)} problems",
        *(f"  {problem.question}: {problem.what}" for problem in proof.problems[:SHOWN]),
    ]
    if len(proof.problems) > SHOWN:
        lines.append(f"  and {len(proof.problems) - SHOWN} more; --json lists them")
    return "\n".join(lines)


def _totals(proofs: Sequence[Proof]) -> str:
    skipped = sum(bool(proof.skipped) for proof in proofs)
    wrong = sum(bool(proof.problems) for proof in proofs)
    return f"{len(proofs) - skipped - wrong} sound, {wrong} with problems, {skipped} not checked"


def _shown(pattern: str) -> str:
    return pattern.replace(r"(\d+)", "N").replace(r"(\w+)", "NAME")


def _plain(value: object) -> str:
    """Write a value without the marks of the language, leaving out what is not set."""
    if isinstance(value, dict):
        width = max(map(len, value), default=0)
        set_ = {k: v for k, v in value.items() if v not in (None, {}, [])}
        if all(isinstance(v, str) for v in set_.values()):
            return "".join(f"\n  {key:{width}} {about}" for key, about in set_.items())
        return ", ".join(f"{key} {v}" for key, v in set_.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "none" if value is None else str(value)
