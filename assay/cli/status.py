"""`assay status`: what is running, and where Assay keeps its things."""

import orjson
import typer

from assay.cli.options import Json
from assay.home import home
from assay.render.terminal import console
from assay.server import find
from assay.server.deployments import serving
from assay.store.store import Store


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("status", help=help_)(status)


def status(json: bool = Json) -> None:
    """Tell what runs; starts nothing."""
    server, deployments = find(), serving()
    told = {
        "home": str(home()),
        "server": None if server is None else {"url": server.url, "ui": server.ui_url, "kept": server.kept},
        "deployments": deployments is not None,
        "runs": _runs(),
    }
    if json:
        print(orjson.dumps(told).decode())
        return
    screen = console()
    screen.print(f"home         {home()}", markup=False)
    screen.print(
        f"server       {server.ui_url if server else 'not running (a command that needs it starts it)'}"
    )
    screen.print(f"deployments  {'served' if deployments else 'not served (assay up)'}")
    screen.print(f"last runs    {told['runs']}")


def _runs() -> int:
    """Count the newest runs, without making a store where there is none."""
    if not (home() / "assay.db").exists():
        return 0
    with Store.open() as store:
        return len(store.runs(limit=1000))
