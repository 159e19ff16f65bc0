"""`assay gate`: a comparison with a policy, for scripts: the exit code is the verdict."""

from typing import Annotated

import orjson
import typer

from assay.cli.compare import plain
from assay.cli.options import CHECKPOINT, Json, read_size
from assay.errors import AssayError
from assay.lookup.runs import find_runs
from assay.lookup.sides import side_of
from assay.records import Run
from assay.render import terminal
from assay.report.compare import compare
from assay.report.gate import Gate, judge
from assay.store.store import Store
from tasks_lib.spec import expand

PASSED, REGRESSED, UNRESOLVED = 0, 10, 11
"""A contract with scripts: no error ends with one of the last two (docs/cli.md)."""


def attach(app: typer.Typer, *, help_: str) -> None:
    """Add the command."""
    app.command("gate", help=help_)(gate)


def gate(
    a: Annotated[str, typer.Argument(help=f"Baseline. {CHECKPOINT}")],
    b: Annotated[str, typer.Argument(help=f"Candidate. {CHECKPOINT}")],
    suite: Annotated[
        str | None, typer.Option(help="Only the tasks of this suite, all of which must be there.")
    ] = None,
    margin: Annotated[
        str | None, typer.Option(help="Loss that is acceptable, such as 1pp; default: each task's own.")
    ] = None,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.5, help="Level of the test.")] = 0.05,
    json: bool = Json,
) -> None:
    """Pass unless the candidate may be worse than the baseline by the margin.

    Exit code 0: not worse by the margin. 10: worse. 11: not resolved. Anything else is an error.
    """
    limit = None if margin is None else read_size(margin, flag="--margin")
    with Store.open() as store:
        found = compare(
            side_of(store, _chosen(find_runs(store, a), suite)),
            side_of(store, _chosen(find_runs(store, b), suite)),
            name=suite or "all tasks",
            margin=limit,
            alpha=alpha,
            flips=0,
        )
    verdict = judge(found)
    if json:
        print(orjson.dumps({"gate": verdict.model_dump(), **plain(found)}).decode())
    else:
        screen = terminal.console()
        screen.print(terminal.comparison(found))
        screen.print(f"{verdict.result}: {verdict.sentence}", markup=False)
    raise typer.Exit(_code(verdict))


def _code(verdict: Gate) -> int:
    return {"passed": PASSED, "regressed": REGRESSED, "unresolved": UNRESOLVED}[verdict.result]


def _chosen(runs: list[Run], suite: str | None) -> list[Run]:
    if suite is None:
        return runs
    wanted = [member.spec for member in expand(suite)]
    by_task = {run.task: run for run in runs}
    if lacking := [task for task in wanted if task not in by_task]:
        raise AssayError(
            f"{len(lacking)} tasks of the suite {suite!r} were not evaluated",
            ids=lacking,
            remedy="Run them first.",
        )
    return [by_task[task] for task in wanted]
