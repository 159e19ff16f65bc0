"""Evaluate a checkpoint on a suite, and compare it with the one before.

What stands under `Args:` is shown beside the parameters in the forms of the Prefect UI.
"""

from collections.abc import Sequence
from typing import NamedTuple

from prefect import flow

from assay.admission import admit
from assay.errors import AlignmentError, RunFailed, StatisticsError
from assay.lookup.sides import side_of
from assay.lookup.succession import Succession, successions
from assay.records import Run
from assay.report.compare import compare
from assay.report.models import Comparison
from assay.store.store import Store
from flows import artifacts
from flows.marks import marked
from flows.names import nightly_on_checkpoint, suite_on_checkpoint
from flows.suite import evaluate_tasks
from harnesses.evaluation.spec import Spec
from tasks_lib.spec import expand


class Compared(NamedTuple):
    """A comparison of two checkpoints that follow each other, or why there is none."""

    comparison: Comparison | None
    replaces: int | None = None
    """The step whose comparison with B it takes the place of."""
    problem: str | None = None


@flow(name="evaluate checkpoint", flow_run_name=suite_on_checkpoint)
async def evaluate_checkpoint(
    checkpoint: str,
    suite: str = "demo",
    harness: str = "plain",
    training_run: str | None = None,
    step: int | None = None,
    settings: dict[str, str] | None = None,
) -> list[str]:
    """Evaluate a checkpoint on a suite and compare it with the preceding one; returns the runs' ids.

    The preceding checkpoint is that of the nearest earlier step of the training run with the same tasks. A
    later one that ended sooner is compared with this one too, where this one precedes it.

    Args:
        checkpoint: provider:name, such as openai:my-model or embedded:FOLDER.
        suite: A suite or a task, as `assay suites` and `assay tasks` list them.
        harness: How tasks are run, as `assay harnesses` lists them.
        training_run: The training run that the checkpoint belongs to.
        step: Its training step.
        settings: Settings of the provider; base_url only as `assay up` allows it; never keys.
    """
    admit(checkpoint, harness=harness, settings=settings or {})
    specs = [
        Spec(
            checkpoint=checkpoint,
            task=member.spec,
            harness=harness,
            settings=settings or {},
            training_run=training_run,
            step=step,
        )
        for member in expand(suite)
    ]
    with marked():
        return await _evaluate_and_compare(specs, suite=suite)


async def _evaluate_and_compare(specs: list[Spec], *, suite: str) -> list[str]:
    outcomes = await evaluate_tasks(specs, suite_on_checkpoint())
    with Store.open() as store:
        runs = [store.run(outcome.run) for outcome in outcomes if outcome.run]
        compared = compare_neighbours(store, runs, suite=suite)
    for one in compared:
        if one.comparison is not None:
            await artifacts.leave_comparison(one.comparison, replaces=one.replaces)
    told = [*(outcome.problem for outcome in outcomes), *(one.problem for one in compared)]
    if problems := [problem for problem in told if problem]:
        raise RunFailed(f"{len(problems)} evaluations or comparisons failed, the first with: {problems[0]}")
    return [run.id for run in runs]


@flow(name="nightly", flow_run_name=nightly_on_checkpoint)
async def nightly(
    checkpoint: str,
    suite: str = "demo",
    harness: str = "plain",
    settings: dict[str, str] | None = None,
) -> list[str]:
    """Evaluate the same checkpoint on a suite again, to see that tasks and servers are what they were.

    Args:
        checkpoint: provider:name, such as openai:my-model or embedded:FOLDER.
        suite: A suite or a task, as `assay suites` and `assay tasks` list them.
        harness: How tasks are run, as `assay harnesses` lists them.
        settings: Settings of the provider, such as base_url; never keys.
    """
    with marked():
        runs: list[str] = await evaluate_checkpoint(checkpoint, suite, harness, settings=settings)
    return runs


def compare_neighbours(store: Store, runs: Sequence[Run], *, suite: str) -> list[Compared]:
    """Compare a checkpoint's runs with the checkpoint before, and with it those that waited for it.

    One that cannot be compared does not stop the others, which nobody would compare later.
    """
    return [_compare(store, pair, suite=suite) for pair in successions(store, runs)] if runs else []


def _compare(store: Store, pair: Succession, *, suite: str) -> Compared:
    try:
        found = compare(side_of(store, pair.before), side_of(store, pair.after), name=suite)
    except (AlignmentError, StatisticsError) as error:
        first, second = pair.before[0].checkpoint, pair.after[0].checkpoint
        return Compared(None, problem=f"{second.label} against {first.label}: {error}")
    store.save_comparison(
        found.id, found.a.checkpoint.name, found.b.checkpoint.name, found.model_dump(mode="json")
    )
    return Compared(found, pair.replaces)
