"""`assay suites`: list suites and what they are made of; score one."""

import orjson
import typer

from assay.cli.arguments import TasksDir
from assay.cli.options import Json
from assay.cli.suite_score import score
from assay.render.terminal import console
from tasks_lib.registry import describe, suite_names
from tasks_lib.spec import expand, tree

SHOWN = 10


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    suites = typer.Typer(help=help_, invoke_without_command=True)
    suites.callback()(list_)
    suites.command("list", help="List the suites, as `assay suites` does.")(list_)
    suites.command("score")(score)
    app.add_typer(suites, name="suites")


def list_(ctx: typer.Context, tasks_dir: TasksDir = None, json: bool = Json) -> None:
    """List the suites, their tasks and weights."""
    if ctx.invoked_subcommand:
        return
    found = {
        name: {
            "about": describe(name),
            "aggregate": tree(name).aggregate,
            "tasks": {m.spec: m.weight for m in expand(name)},
            "absent": dict(tree(name).absent),
        }
        for name in suite_names()
    }
    if json:
        print(orjson.dumps({"suites": found}).decode())
        return
    screen = console()
    for name in suite_names():
        members = expand(name)
        screen.print(f"[bold]{name}[/bold]  {describe(name)}")
        for member in members[:SHOWN]:
            screen.print(f"  {member.weight:6.1%}  {member.spec}", markup=False)
        if len(members) > SHOWN:
            screen.print(f"          and {len(members) - SHOWN} more; --json lists them")
        for spec, reason in tree(name).absent.items():
            screen.print(f"  absent  {spec}: {reason}", markup=False)
