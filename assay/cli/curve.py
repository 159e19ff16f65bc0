"""`assay curve`: the checkpoints of a training run as learning curves."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.cli.options import Json, Verbose
from assay.lookup.runs import final_scores, find_run, find_series
from assay.lookup.sides import scored_runs
from assay.render import terminal
from assay.report.models import plain
from assay.report.series import make_series
from assay.store.store import Store
from assay.viewer.page.document import page, write_page


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("curve", help=help_)(curve)


def curve(
    runs: Annotated[list[str], typer.Argument(help="A training run, or two or more runs.")],
    html: Annotated[Path | None, typer.Option(help="Write the curves as one HTML file.")] = None,
    verbose: bool = Verbose,
    json: bool = Json,
) -> None:
    """Show each task over the checkpoints, tested against the first with alpha spending."""
    with Store.open() as store:
        if len(runs) == 1:
            chosen, name = find_series(store, runs[0]), runs[0]
        else:
            chosen = [find_run(store, ref) for ref in runs]
            name = chosen[0].checkpoint.training_run or "these runs"
        found = make_series(scored_runs(store, chosen), name=name, finals=final_scores(store, chosen))
    if json:
        print(orjson.dumps(plain(found)).decode())
    else:
        terminal.console().print(terminal.series(found, verbose=verbose))
    if html is not None:
        write_page(html, page(title=name, comparison=found.comparison, series=found))
