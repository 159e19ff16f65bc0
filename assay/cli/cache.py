"""`assay cache`: what the response log holds, and removing what is old."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import orjson
import typer

from assay.cli.options import Json
from assay.render.terminal import console
from assay.store.responses import ResponseLog

T = TypeVar("T")


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command and those below it."""
    cache = typer.Typer(help=help_, no_args_is_help=True)
    cache.callback()(_group)
    cache.command("stats")(stats)
    cache.command("prune")(prune)
    app.add_typer(cache, name="cache")


def _group() -> None:
    """Count what the response log holds, or remove what is old."""


def stats(json: bool = Json) -> None:
    """Count the answers that are kept."""
    found = _closing(lambda log: log.stats())
    if json:
        told = found._asdict() | {"oldest": _shown(found.oldest), "newest": _shown(found.newest)}
        print(orjson.dumps(told).decode())
        return
    console().print(
        f"{found.responses:,} answers, {found.bytes / 1e6:,.1f} MB, in {found.place}", markup=False
    )
    if found.responses:
        console().print(f"from {_shown(found.oldest)} to {_shown(found.newest)}", markup=False)


def prune(
    older_than: Annotated[int, typer.Option(min=0, help="Days; answers that are older are removed.")] = 90,
    json: bool = Json,
) -> None:
    """Remove old answers; what asks for them again asks the endpoint again."""
    before = datetime.now(UTC) - timedelta(days=older_than)
    removed = _closing(lambda log: log.prune(before=before))
    if json:
        print(orjson.dumps({"removed": removed}).decode())
    else:
        console().print(f"Removed {removed:,} answers that were older than {older_than} days.")


def _closing(use: Callable[[ResponseLog], T]) -> T:
    log = ResponseLog.open()
    try:
        return use(log)
    finally:
        asyncio.run(log.aclose())


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
