"""`assay doctor`: what is configured, reachable and installed, and what mends the rest."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import orjson
import typer

from assay.cli.options import Json
from assay.errors import AssayError
from assay.home import home
from assay.render.terminal import console
from assay.server import find
from assay.store.store import Store
from sandbox.planner import plan

EXTRAS = {"docker": "docker", "modal": "modal", "kubernetes": "kubernetes_asyncio", "vllm": "vllm"}
LEAST_SPACE = 1 << 30


class Finding(NamedTuple):
    """One thing looked at: `ok` None where it is optional and absent."""

    what: str
    ok: bool | None
    said: str
    remedy: str = ""


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("doctor", help=help_)(doctor)


def doctor(json: bool = Json) -> None:
    """Look at everything a run may need; starts nothing."""
    found = list(examine())
    if json:
        print(orjson.dumps({"findings": [one._asdict() for one in found]}).decode())
    else:
        for one in found:
            mark = {True: "[green]ok[/green]", False: "[red]no[/red]", None: "[dim]--[/dim]"}[one.ok]
            console().print(f"{mark}  {one.what:12} {one.said}" + (f"  {one.remedy}" if one.remedy else ""))
    if any(one.ok is False for one in found):
        raise typer.Exit(3)


def examine() -> Iterator[Finding]:
    """Look at one thing after the other."""
    yield _home()
    yield _tried("store", _store)
    yield _tried("sandbox", lambda: asyncio.run(plan(frozenset({"python"}))).reason)
    server = find()
    said = server.ui_url if server else "not running; a command that needs it starts it"
    yield Finding("server", True if server else None, said)
    yield _data()
    yield _key()
    for extra, module in EXTRAS.items():
        there = find_spec(module) is not None
        remedy = "" if there else f"pip install 'assay-eval\\[{extra}]'"
        yield Finding(extra, there or None, "installed" if there else "not installed", remedy)


def _home() -> Finding:
    where = home()
    try:
        where.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=where):
            pass
    except OSError as error:
        return Finding(
            "home", False, f"{where}: {error.strerror}", "Set ASSAY_HOME to a folder that can be written."
        )
    free = shutil.disk_usage(where).free
    said = f"{where}, {free / 1e9:,.0f} GB free"
    return Finding("home", free > LEAST_SPACE, said, "" if free > LEAST_SPACE else "Free some space.")


def _store() -> str:
    with Store.open() as store:
        return f"{len(store.runs(limit=1000))} of the newest runs can be read"


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except AssayError as error:
        return Finding(what, False, error.what, error.remedy)


def _data() -> Finding:
    mirror = os.environ.get("ASSAY_DATASETS_DIR")
    if mirror is None:
        return Finding("data", None, "from the Hugging Face Hub (ASSAY_DATASETS_DIR names no mirror)")
    there = Path(mirror).expanduser().is_dir()
    return Finding(
        "data", there, f"mirror {mirror}", "" if there else "Correct ASSAY_DATASETS_DIR, or unset it."
    )


def _key() -> Finding:
    there = bool(os.environ.get("OPENAI_API_KEY")) or Path(".env").is_file()
    said = "OPENAI_API_KEY or .env is there" if there else "no OPENAI_API_KEY; many endpoints need none"
    return Finding("key", there or None, said)
