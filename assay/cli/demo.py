"""`assay demo`: train a tiny model, evaluate its checkpoints, show what was learnt."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.cli.compare import plain as plain_comparison
from assay.cli.flowing import Flows, load_flows
from assay.cli.messages import complain
from assay.cli.options import Json
from assay.cli.scores import plain as plain_run
from assay.errors import SandboxUnavailable
from assay.home import home
from assay.lookup.runs import final_scores
from assay.lookup.sides import scored_runs
from assay.render import terminal
from assay.report.models import Series
from assay.report.series import make_series
from assay.store.contract import scores as contracts
from assay.store.store import Store
from assay.viewer.page.document import page, write_page
from harnesses.providers.embedded.train import train
from sandbox.planner import plan
from tasks_lib.demo.world import make_world
from tasks_lib.spec import expand

CHECKPOINTS = (60, 110, 170, 250, 420)
RUN = "demo"


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("demo", help=help_)(demo)


def demo(
    html: Annotated[Path | None, typer.Option(help="Where to write the page; else under ASSAY_HOME.")] = None,
    json: bool = Json,
) -> None:
    """Train, evaluate each checkpoint on the suite `demo`, and compare the last two."""
    screen = terminal.console(stderr=json)
    contracts.load()
    with ThreadPoolExecutor(1) as aside:
        loading = aside.submit(load_flows)
        suite = asyncio.run(_suite(screen.print))
        screen.print(f"Training a tiny language model for {CHECKPOINTS[-1]} steps ...")
        saved = train(
            make_world().documents,
            checkpoints=CHECKPOINTS,
            folder=home() / "demo" / "checkpoints",
            run=RUN,
            tell=lambda step, loss: screen.print(f"  step {step:4d}  loss {loss:.2f} nats per character"),
        )
        flows = loading.result()
    screen.print(f"Evaluating {len(saved)} checkpoints on {suite} ...")
    runs = asyncio.run(_evaluate(flows, saved, suite=suite, quiet=json))
    with Store.open() as store:
        evaluated = [store.run(run) for run in runs]
        series = make_series(scored_runs(store, evaluated), name=RUN, finals=final_scores(store, evaluated))
        file = html or home() / "demo" / "report.html"
        write_page(file, page(title="Assay demo", comparison=series.comparison, series=series))
        if json:
            print(orjson.dumps(_plain(store, runs, series, file)).decode())
            return
    screen.print(terminal.series(series))
    if series.comparison is not None:
        screen.print(terminal.comparison(series.comparison))
    screen.print(f"The same as a page: {file}", markup=False, soft_wrap=True)


async def _suite(tell: object) -> str:
    try:
        await plan(frozenset({"python"}))
    except SandboxUnavailable as error:
        assert callable(tell)
        tell(f"The code task is left out: {error}")
        return "demo-without-code"
    return "demo"


async def _evaluate(flows: Flows, saved: list[Path], *, suite: str, quiet: bool) -> list[str]:
    specs = [
        flows.Spec(checkpoint=f"embedded:{folder}", task=member.spec, command="assay demo")
        for folder in saved
        for member in expand(suite)
    ]
    outcomes = await flows.evaluate(specs, quiet=quiet)
    for outcome in outcomes:
        if outcome.problem:
            complain(f"{outcome.spec.task}: {outcome.problem}")
    if code := flows.worst_exit(outcomes):
        raise typer.Exit(code)
    return [outcome.run for outcome in outcomes if outcome.run]


def _plain(store: Store, runs: list[str], series: Series, file: Path) -> dict[str, object]:
    return {
        "runs": [plain_run(store.run(run)) for run in runs],
        "comparison": None if series.comparison is None else plain_comparison(series.comparison),
        "page": str(file),
    }
