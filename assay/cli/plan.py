"""`assay plan`: what a number of questions can resolve, and how many a difference needs."""

from typing import Annotated

import orjson
import typer

from assay.cli.options import Json, read_size
from assay.errors import BadSpec
from assay.lookup.runs import find_run
from assay.lookup.sides import scored_runs
from assay.render.terminal import console
from assay.report.planning import Assumptions, measured, resolve
from assay.store.store import Store


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("plan", help=help_)(plan)


def plan(
    runs: Annotated[list[str] | None, typer.Argument(help="One or two runs to take variances from.")] = None,
    delta: Annotated[str, typer.Option(help="Difference to resolve, such as 0.5pp.")] = "1pp",
    n: Annotated[int | None, typer.Option(min=2, help="Questions; else those of the runs, or 1,000.")] = None,
    flips: Annotated[
        float | None, typer.Option(min=1e-6, max=1, help="Share of questions assumed to flip.")
    ] = None,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.5)] = 0.05,
    power: Annotated[float, typer.Option(min=0.5, max=0.999)] = 0.8,
    json: bool = Json,
) -> None:
    """Tell the smallest difference n questions resolve, and how many questions or samples --delta needs."""
    if runs and len(runs) > 2:
        raise BadSpec(
            "A plan takes one or two runs.", remedy="Name two to take the variance of their difference."
        )
    wanted = read_size(delta, flag="--delta")
    if runs:
        with Store.open() as store:
            assumed = measured(scored_runs(store, [find_run(store, ref) for ref in runs]))
    else:
        assumed = Assumptions.of_flips(0.2 if flips is None else flips, n=n or 1000)
    if n is not None:
        assumed = assumed.model_copy(update={"n": n})
    found = resolve(assumed, delta=wanted, alpha=alpha, power=power)
    if json:
        print(orjson.dumps(found.model_dump()).decode())
        return
    for line in found.sentences:
        console().print(line, markup=False)
