"""`assay up`: start the Prefect server for good, and serve the deployments."""

import os

import orjson
import typer

from assay.cli.options import Json
from assay.prefect_server import ensure
from assay.prefect_server.deployments import serve
from assay.render.terminal import console
from tasks_lib.spec import expand


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("up", help=help_)(up)


def up(json: bool = Json) -> None:
    """Start what is not running yet; everything stays until `assay down`."""
    if suite := os.environ.get("ASSAY_SUITE"):
        expand(suite)
    if not json:
        console(stderr=True).print("Starting the Prefect server ...", style="dim")
    server = ensure(keep=True)
    process = serve(server)
    if json:
        print(orjson.dumps({"url": server.url, "ui": server.ui_url, "deployments_pid": process.pid}).decode())
        return
    console().print(f"Prefect UI: {server.ui_url}")
    console().print(
        "Served: evaluate-checkpoint (on `assay checkpoint announce`), nightly-suite.", markup=False
    )
