"""`assay up`: start the Prefect server for good, and serve the deployments."""

import os
import shlex
import sys
from typing import Annotated

import orjson
import typer

from assay.admission import allow
from assay.cli.options import Json, read_settings
from assay.prefect_server import auth_string, ensure, given_url, secret_file
from assay.prefect_server.deployments import serve
from assay.render.terminal import console
from tasks_lib.spec import expand


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("up", help=help_)(up)


def up(
    allowed: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            help="Setting NAME=VALUE that announcements may carry, such as base_url; repeatable. It takes the"
            " place of what was allowed before.",
        ),
    ] = None,
    json: bool = Json,
) -> None:
    """Start what is not running yet; everything stays until `assay down`."""
    if allowed:
        allow([pair for text in allowed for pair in read_settings([text], flag="--allow").items()])
    if suite := os.environ.get("ASSAY_SUITE"):
        expand(suite)
    if not json:
        console(stderr=True).print("Starting the Prefect server ...", style="dim")
    server = ensure(keep=True)
    process = serve(server)
    if json:
        told = {"url": server.url, "ui": server.ui_url, "deployments_pid": process.pid}
        print(orjson.dumps(told | ({} if given_url() else {"password_file": str(secret_file())})).decode())
        return
    console().print(f"Prefect UI: {server.ui_url}")
    if not given_url():
        console().print(
            f"Password, which a browser asks for once: {_password()}", markup=False, soft_wrap=True
        )
    console().print(
        "Served: evaluate-checkpoint (on `assay checkpoint announce`), nightly-suite.", markup=False
    )


def _password() -> str:
    """Show the password to who looks at the terminal; elsewhere, as in a log, the command that does."""
    return auth_string() if sys.stdout.isatty() else shlex.join(["cat", str(secret_file())])
