"""`assay tasks download`: fill a mirror of the Hub with what tasks read."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.cli.arguments import TasksDir
from assay.cli.options import Json
from assay.errors import BadSpec, DataError
from assay.render.terminal import console
from tasks_lib.mirror import hub_splits
from tasks_lib.sources import MIRROR
from tasks_lib.spec import expand, resolve_task


def download(
    specs: Annotated[list[str], typer.Argument(help="Tasks and suites, such as gsm8k:5shot or core.")],
    folder: Annotated[Path, typer.Option("--to", help="Folder of the mirror; created if needed.")],
    tasks_dir: TasksDir = None,
    json: bool = Json,
) -> None:
    """Download the data sets of tasks into a mirror for machines without internet."""
    tasks = [resolve_task(member.spec, {}) for spec in specs for member in expand(spec)]
    splits = hub_splits(tasks)
    if not splits:
        raise BadSpec(f"{', '.join(specs)} read no data set of the Hub.", remedy="There is nothing to do.")
    screen = console(stderr=True)
    saved: dict[str, str] = {}
    failed: dict[str, str] = {}
    for split in splits:
        name = f"{split.id} ({split.config}, {split.split})"
        screen.print(f"{name} ...", markup=False, style="dim")
        try:
            saved[name] = str(split.save(folder.expanduser()))
        except DataError as error:
            failed[name] = str(error)
            screen.print(str(error), markup=False)
    if json:
        print(orjson.dumps({"saved": saved, "failed": failed}).decode())
    else:
        print(f"{len(saved)} of {len(splits)} splits saved in {folder}.")
        if saved:
            print(f"To read them, set {MIRROR}={folder}")
    if failed:
        raise typer.Exit(DataError.exit_code)
