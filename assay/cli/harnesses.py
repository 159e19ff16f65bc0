"""`assay harnesses`: list the ways of running a task."""

import orjson
import typer

from assay.cli.options import Json
from assay.render.terminal import console
from harnesses.harness import load_harness, preset_names


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("harnesses", help=help_)(harnesses)


def harnesses(json: bool = Json) -> None:
    """List the presets; a YAML file of your own with the same fields is given by its path."""
    found = [load_harness(name) for name in preset_names()]
    if json:
        print(orjson.dumps({"harnesses": [one.model_dump(mode="json") for one in found]}).decode())
        return
    for one in found:
        tools = f" (tools: {', '.join(one.tools)})" if one.tools else ""
        console().print(f"{one.name:10} {one.description}{tools}", markup=False)
