"""`assay checkpoint`: announce checkpoints, so that they are evaluated unasked."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.cli.options import Json
from assay.errors import BadSpec
from assay.events import emit_checkpoint
from assay.render.terminal import console

EMBEDDED = "model.json"


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    checkpoint = typer.Typer(help=help_, no_args_is_help=True)
    checkpoint.callback()(_group)
    checkpoint.command("announce")(announce)
    app.add_typer(checkpoint, name="checkpoint")


def _group() -> None:
    """Announce checkpoints, so that they are evaluated unasked."""


def announce(
    path: Annotated[str, typer.Argument(help="Folder of an embedded model, or provider:name.")],
    run: Annotated[str, typer.Option("--run", help="Training run.")],
    step: Annotated[int, typer.Option(min=0, help="Training step.")],
    suite: Annotated[str | None, typer.Option(help="Suite to evaluate; else the deployment's.")] = None,
    json: bool = Json,
) -> None:
    """Emit the event `checkpoint.uploaded`; the same checkpoint twice is one event."""
    name = checkpoint_name(path)
    event = emit_checkpoint(name, training_run=run, step=step, suite=suite)
    if json:
        print(orjson.dumps({"event": event, "checkpoint": name}).decode())
    else:
        console().print(f"Announced {name} of {run}, step {step}.", markup=False)


def checkpoint_name(path: str) -> str:
    """Name a checkpoint as `provider:name`; raises BadSpec where that is not clear."""
    folder = Path(path).expanduser()
    if (folder / EMBEDDED).is_file():
        return f"embedded:{folder.absolute()}"
    if ":" in path and not folder.exists():
        return path
    raise BadSpec(
        f"{path!r} is neither the folder of an embedded model nor provider:name.",
        remedy="For a served model write openai:NAME, for example.",
    )
