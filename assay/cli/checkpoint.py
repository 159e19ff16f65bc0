"""`assay checkpoint`: announce checkpoints so they are evaluated automatically."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.admission import admit
from assay.cli.options import Json, read_settings
from assay.errors import BadSpec
from assay.events import announce as announce_checkpoint
from assay.events import refuse_secrets
from assay.names import FILES, short_checkpoint
from assay.prefect_server import given_url
from assay.prefect_server.deployments import serving
from assay.render.terminal import console
from harnesses.providers.catalog import check_settings
from tasks_lib.spec import expand

EMBEDDED = "model.json"
HUBS = frozenset({"hf", "vllm"})
"""Providers whose name may also be one of the Hugging Face Hub."""


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    checkpoint = typer.Typer(help=help_, no_args_is_help=True)
    checkpoint.callback()(_group)
    checkpoint.command("announce")(announce)
    app.add_typer(checkpoint, name="checkpoint")


def _group() -> None:
    """Announce checkpoints so they are evaluated automatically."""


def announce(
    path: Annotated[str, typer.Argument(help="Folder of an embedded model, or provider:name.")],
    run: Annotated[str, typer.Option("--run", help="Training run.")],
    step: Annotated[int, typer.Option(min=0, help="Training step.")],
    suite: Annotated[
        str | None, typer.Option(help="Suite or task to evaluate; else what ASSAY_SUITE names.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("-M", "--setting", help="Provider setting key=value; repeatable; never a key."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Evaluate it once more, though it was announced before.")
    ] = False,
    json: bool = Json,
) -> None:
    """Have a checkpoint evaluated by the deployments; the same one twice is one evaluation."""
    name = checkpoint_name(path)
    settings = read_settings(setting or (), flag="-M")
    check_settings(name, settings)
    if suite is not None:
        expand(suite)
    refuse_secrets(settings)
    if given_url() is None:
        admit(name, settings=settings)
    announced = announce_checkpoint(
        name, training_run=run, step=step, suite=suite, settings=settings, again=again
    )
    if json:
        print(orjson.dumps({"checkpoint": name, **announced._asdict()}).decode())
        return
    title = f"{short_checkpoint(name)} as {run} step {step}"
    if announced.state == "COMPLETED":
        console().print(f"{title} was evaluated before; --again evaluates it once more.", markup=False)
        return
    before = "; its earlier evaluation did not end well and goes on from there" if announced.repeated else ""
    console().print(f"Announced {title}{before}.", markup=False)
    waits = given_url() is None and serving() is None
    then = "It waits for `assay up`" if waits else "Its evaluation shows in the Prefect UI (`assay status`)"
    console(stderr=True).print(f"{then}; then: assay runs", style="" if waits else "dim", markup=False)


def checkpoint_name(path: str) -> str:
    """Name a checkpoint as `provider:name` that means the same in every folder; raises BadSpec."""
    folder = Path(path).expanduser()
    if (folder / EMBEDDED).is_file():
        return f"embedded:{folder.absolute()}"
    provider, colon, name = path.partition(":")
    if not colon or folder.exists():
        raise BadSpec(
            f"{path!r} is neither the folder of an embedded model nor provider:name.",
            remedy="For a served model write openai:NAME, for example.",
        )
    named = Path(name).expanduser()
    if provider in FILES and named.exists():
        return f"{provider}:{named.absolute()}"
    if provider not in FILES or (provider in HUBS and not name.startswith(("/", ".", "~"))):
        return path
    raise BadSpec(f"There is no checkpoint at {str(named)!r}.", remedy="Correct the path.")
