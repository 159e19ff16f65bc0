"""`assay status`: what is running, and where Assay keeps its files."""

import os
import shlex

import orjson
import typer

from assay.cli.options import Json
from assay.errors import AssayError
from assay.home import home
from assay.prefect_server import find, given_url, secret_file
from assay.prefect_server.deployments import serving
from assay.render.terminal import console
from assay.store.store import Store

NEWEST = 3


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("status", help=help_)(status)


def status(json: bool = Json) -> None:
    """Tell what runs; starts nothing."""
    server, deployments = find(), serving()
    runs, problem = _runs()
    told = {
        "home": str(home()),
        "server": None if server is None else {"url": server.url, "ui": server.ui_url, "kept": server.kept},
        "deployments": deployments is not None,
        "runs": runs,
        "problem": problem,
    }
    if json:
        print(orjson.dumps(told).decode())
        return
    if server is not None:
        until = "until `assay down`" if server.kept else "until nobody uses it"
        password = f", {until}; its password: {shlex.join(['cat', str(secret_file())])}"
        running = server.ui_url + ("" if given_url() else password)
    else:
        running = "not running; a command that needs it starts it"
    served = (
        "served: `assay checkpoint announce` is heard"
        if deployments
        else "not served; see `assay up`, for which announced checkpoints wait"
    )
    newest = ", ".join(f"{run['task']} ({run['status']})" for run in runs) or "none yet; see `assay demo`"
    screen = console()
    for what, said in (
        ("home", str(home())),
        ("Prefect UI", running),
        ("deployments", served),
        ("last runs", problem or newest),
    ):
        screen.print(f"{what:12} {said}", markup=False, soft_wrap=True)


def _runs() -> tuple[list[dict[str, str]], str | None]:
    """List the newest runs, without making a store where there is none; or say why they cannot be read."""
    if not os.environ.get("ASSAY_DB_URL") and not (home() / "assay.db").exists():
        return [], None
    try:
        with Store.open() as store:
            found = store.runs(limit=NEWEST)
    except AssayError as error:
        return [], str(error)
    return [{"id": run.id, "task": run.task, "status": run.status} for run in found], None
