"""`assay down`: stop what `assay up`, or a command that needed a server, has started."""

import orjson
import typer

from assay.cli.options import Json
from assay.prefect_server import stop
from assay.prefect_server.deployments import stop_serving
from assay.processes import place
from assay.render.terminal import console
from assay.store.contract import client
from harnesses.providers.vllm.process import sweep


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("down", help=help_)(down)


def down(json: bool = Json) -> None:
    """Stop the deployments, the server, the process that checks records, and vLLM where nobody owns it."""
    stopped = {
        "deployments": stop_serving(),
        "server": stop(),
        "contracts": client.stop(),
        "vllm": place().exists() and sweep() > 0,
    }
    if json:
        print(orjson.dumps({"stopped": stopped}).decode())
        return
    names = [name for name, ran in stopped.items() if ran]
    console().print(f"Stopped: {', '.join(names)}." if names else "Nothing was running.")
