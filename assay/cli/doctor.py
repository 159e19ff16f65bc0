"""`assay doctor`: what is configured, reachable and installed, and what mends the rest."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import orjson
import typer
from rich.padding import Padding
from rich.text import Text

from assay.cli.options import Json
from assay.errors import AssayError
from assay.home import database_url, home
from assay.prefect_server import find, given_url
from assay.render.terminal import console
from assay.store.store import Store
from sandbox.planner import plan

EXTRAS = {
    "docker": ("docker",),
    "modal": ("modal",),
    "kubernetes": ("kubernetes_asyncio",),
    "hf": ("torch", "transformers"),
    "vllm": ("vllm",),
}
ELSEWHERE = {"vllm": ", or name an interpreter that has it with -M python=FILE"}
LEAST_SPACE = 1 << 30
INDENT = 17


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
    """Look at everything a run may need; starts nothing. Exit code 3 where something must be mended."""
    found = list(examine())
    if json:
        print(orjson.dumps({"findings": [one._asdict() for one in found]}).decode())
    else:
        for one in found:
            _show(one)
    if any(one.ok is False for one in found):
        raise typer.Exit(3)


def examine() -> Iterator[Finding]:
    """Look at one thing after the other."""
    yield _home()
    yield _store()
    yield _tried("sandbox", lambda: asyncio.run(plan(frozenset({"python"}))).reason)
    yield _server()
    yield _data()
    yield _key()
    for extra, modules in EXTRAS.items():
        yield _extra(extra, modules)


def _show(one: Finding) -> None:
    mark, style = {True: ("ok", "green"), False: ("no", "red"), None: ("--", "dim")}[one.ok]
    screen = console()
    screen.print(Text.assemble((mark, style), f"  {one.what:12} {one.said}"), soft_wrap=True)
    if one.remedy:
        screen.print(
            Padding(Text(one.remedy, style="dim" if one.ok is None else ""), (0, 0, 0, INDENT), expand=False)
        )


def _home() -> Finding:
    where = home()
    there = next(folder for folder in (where, *where.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        remedy = "Set ASSAY_HOME to a folder that can be written."
        return Finding("home", False, f"{where}: {error.strerror}", remedy)
    free = shutil.disk_usage(there).free
    said = f"{where}, {free / 1e9:,.1f} GB free"
    enough = free > LEAST_SPACE
    return Finding("home", enough, said, "" if enough else "Free some space, or set ASSAY_HOME elsewhere.")


def _store() -> Finding:
    given = os.environ.get("ASSAY_DB_URL")
    where = "PostgreSQL (ASSAY_DB_URL)" if given else database_url().removeprefix("sqlite:///")

    def look() -> str:
        with Store.open() as store:
            return f"{where}, {'with' if store.runs(limit=1) else 'without'} runs"

    if not given and not (home() / "assay.db").exists():
        return Finding("store", None, f"{where}: not there yet; the first run makes it")
    return _tried("store", look)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except AssayError as error:
        return Finding(what, False, error.what, error.remedy)


def _server() -> Finding:
    server = find()
    if server is not None:
        return Finding("server", True, f"Prefect at {server.ui_url}")
    if given_url():
        remedy = "Start it, correct PREFECT_API_URL, or unset it to use Assay's own."
        return Finding("server", False, "nothing answers at PREFECT_API_URL", remedy)
    return Finding("server", None, "Prefect is not running; a command that needs it starts it")


def _data() -> Finding:
    mirror = os.environ.get("ASSAY_DATASETS_DIR")
    if not mirror:
        return Finding("data", None, "from the Hugging Face Hub; ASSAY_DATASETS_DIR may name a mirror")
    folder = Path(mirror).expanduser()
    remedy = "Correct ASSAY_DATASETS_DIR, or unset it to read from the Hub."
    try:
        sets = sum(1 for found in folder.glob("*/*") if found.is_dir())
    except OSError as error:
        return Finding("data", False, f"mirror {mirror}: {error.strerror}", remedy)
    if not sets:
        said = "holds no data set" if folder.is_dir() else "is no folder"
        return Finding("data", False, f"mirror {mirror} {said}", remedy)
    return Finding("data", True, f"mirror {mirror} with {sets} data set{'s' if sets > 1 else ''}")


def _key() -> Finding:
    if os.environ.get("OPENAI_API_KEY"):
        return Finding("key", True, "OPENAI_API_KEY is set")
    if Path(".env").is_file():
        return Finding("key", None, "OPENAI_API_KEY is not set; .env is read")
    said = "OPENAI_API_KEY is not set; many endpoints need none"
    return Finding("key", None, said, "Set it, or write it into .env, for an endpoint that asks for one.")


def _extra(extra: str, modules: tuple[str, ...]) -> Finding:
    missing = [module for module in modules if find_spec(module) is None]
    if not missing:
        return Finding(extra, True, "installed")
    command = f"{Path(sys.executable).name} -m pip install 'assay-eval[{extra}]'"
    remedy = f"To use it: {command}{ELSEWHERE.get(extra, '')}."
    return Finding(extra, None, f"not installed ({', '.join(missing)})", remedy)
