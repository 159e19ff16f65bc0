"""Find flow runs whose process is gone, and let announced ones go on from the response log.

A process that is killed tells nobody; Prefect would show its runs as `Running` for ever, and announcing
their checkpoint again would find them there.
"""

import asyncio
import logging
import os
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import AwaitingRetry, Cancelled, Crashed

from flows.marks import marks, unmark

EVERY = 60.0
PAGE = 200
"""Most runs looked at in one go, which is what the server gives; the rest comes a minute later."""
TIMES = 3
"""How often a run is begun: one that ends its process each time would do so for ever."""
GRACE = timedelta(minutes=3)
"""How long a run may be about to start before it has a mark."""
WORKING = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
OWN_SERVER = "ASSAY_OWN_SERVER"


async def keep_reconciling() -> None:
    """Look now and once a minute; a server that is away is asked again later."""
    grace = timedelta()
    while True:
        try:
            async with get_client() as client:
                for told in await reconcile(client, grace=grace):
                    logging.getLogger(__name__).warning(told)
            grace = GRACE
        except (PrefectHTTPStatusError, OSError, RuntimeError) as error:
            logging.getLogger(__name__).warning("Runs could not be looked at: %s", error)
        await asyncio.sleep(EVERY)


async def reconcile(client: PrefectClient, *, grace: timedelta) -> list[str]:
    """End what no process works on any more and schedule it again; returns what was done.

    `grace` is how long an announced run may lack a mark, which its process makes when it begins.
    """
    marked = marks()
    dead = [run for run, process in marked.items() if not process.alive]
    told = [said for run in dead if (said := await _settle(client, run))]
    if os.environ.get(OWN_SERVER):
        told += [
            said for run in await _unmarked(client, marked, grace) if (said := await _settle(client, run))
        ]
    return told


async def _settle(client: PrefectClient, identity: str) -> str | None:
    """Give a run without a process its state; says so where that is news."""
    try:
        run = await client.read_flow_run(UUID(identity))
    except (ObjectNotFound, ValueError):
        unmark(identity)
        return None
    told = None
    if run.state is not None and run.state.type in WORKING:
        cancelled = run.state.type is StateType.CANCELLING
        state: State[Any] = Cancelled() if cancelled else Crashed(message="Its process is gone.")
        await _end(client, run, state)
        told = f"{run.name}: its process is gone."
        run = await client.read_flow_run(run.id)
    crashed = run.state is not None and run.state.type is StateType.CRASHED
    if crashed and run.deployment_id is not None and run.run_count < TIMES:
        again: State[Any] = AwaitingRetry(message="Goes on from the response log.")
        await client.set_flow_run_state(run.id, again, force=True)
        told = f"{run.name}: goes on from the response log."
    unmark(identity)
    return told


async def _end(client: PrefectClient, run: FlowRun, state: State[Any]) -> None:
    """End a run and those below it that seem to work."""
    below = await _working_runs(
        client,
        FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run.id]), state=_working()),
    )
    for child in below:
        await _end(client, child, state)
    await client.set_flow_run_state(run.id, state, force=True)


async def _unmarked(client: PrefectClient, marked: Collection[str], grace: timedelta) -> list[str]:
    """List announced runs that seem to work though no process ever said so."""
    runs = await _working_runs(client, FlowRunFilter(state=_working()))
    until = datetime.now(UTC) - grace
    return [
        str(run.id)
        for run in runs
        if run.deployment_id is not None
        and str(run.id) not in marked
        and run.state is not None
        and run.state.timestamp < until
    ]


async def _working_runs(client: PrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=wanted, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=PAGE
    )


def _working() -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(WORKING)))
