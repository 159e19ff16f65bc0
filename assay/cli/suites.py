"""`assay suites`: list suites and what they are made of."""

import orjson
import typer

from assay.cli.arguments import TasksDir
from assay.cli.options import Json
from assay.render.terminal import console
from tasks_lib.registry import describe, suite_names
from tasks_lib.spec import expand

SHOWN = 10


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("suites", help=help_)(suites)


def suites(tasks_dir: TasksDir = None, json: bool = Json) -> None:
    """List the suites, their tasks and weights."""
    found = {
        name: {"about": describe(name), "tasks": {m.spec: m.weight for m in expand(name)}}
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
