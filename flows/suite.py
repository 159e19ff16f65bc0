"""Evaluate one checkpoint, or several, on many tasks."""

import asyncio
from collections.abc import Sequence
from typing import Any

from prefect import flow
from prefect.client.schemas import State

from assay.errors import AssayError, RunFailed
from assay.records import Record
from assay.store.store import Store
from flows import artifacts
from flows.evaluate import evaluate
from flows.marks import marked
from harnesses.evaluation.spec import Spec, joint_scope

TASKS_AT_ONCE = 4
"""Their shards share one engine; more would only hold more questions in memory."""


class Outcome(Record):
    """How one evaluation of several ended: its run, if it got that far, and what went wrong."""

    spec: Spec
    run: str | None = None
    problem: str | None = None
    exit_code: int = 0


@flow(name="evaluate tasks", flow_run_name="{title}")
async def evaluate_tasks(specs: list[Spec], title: str) -> list[Outcome]:
    """Evaluate several tasks, one failing not stopping the others; returns how each ended, in their order.

    One checkpoint comes after the other, so that two servers never share a machine's accelerator.
    """
    with marked(), Store.open() as store:
        scope = joint_scope(specs)
        nonce = store.open_scope(scope)
        room = asyncio.Semaphore(TASKS_AT_ONCE)

        async def one(spec: Spec) -> Outcome:
            async with room:
                return await _outcome(spec.model_copy(update={"nonce": nonce}))

        checkpoints: dict[tuple[str, str | None, int | None], list[int]] = {}
        for number, spec in enumerate(specs):
            checkpoints.setdefault((spec.checkpoint, spec.training_run, spec.step), []).append(number)
        ended: dict[int, Outcome] = {}
        for numbers in checkpoints.values():
            results = await asyncio.gather(*(one(specs[number]) for number in numbers))
            ended.update(zip(numbers, results, strict=True))
        outcomes = [ended[number] for number in range(len(specs))]
        if not any(outcome.problem for outcome in outcomes):
            store.close_scope(scope, nonce)
        runs = [store.run(outcome.run) for outcome in outcomes if outcome.run]
    if len(runs) > 1:
        await artifacts.leave_scores(runs, key="scores")
    return list(outcomes)


async def _outcome(spec: Spec) -> Outcome:
    state: State[Any] = await evaluate(spec, return_state=True)
    try:
        return Outcome(spec=spec, run=await state.aresult())
    except RunFailed as error:
        return Outcome(spec=spec, run=error.run or None, problem=str(error), exit_code=error.exit_code)
    except AssayError as error:
        return Outcome(spec=spec, problem=str(error), exit_code=error.exit_code)


def worst_exit(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code of a command from how its evaluations ended."""
    return max((outcome.exit_code for outcome in outcomes), default=0)
