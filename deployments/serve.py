"""Serve the deployments: `python -m deployments.serve READY`, which `assay up` starts."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner

from assay.prefect_server import keep
from deployments.checkpoints import all_deployments
from deployments.reconcile import keep_reconciling

AT_ONCE = 2
LOOK_EVERY = 2.0


async def main(deployments: Sequence[RunnerDeployment], ready: Path) -> None:
    """Register deployments, make the file `ready`, and run what is due until ended, or the home is gone."""
    keep(os.environ["PREFECT_API_URL"], interrupts=False)
    runner = Runner(name="assay", limit=AT_ONCE)
    for deployment in deployments:
        await runner.aadd_deployment(deployment)
    # What a predecessor left is settled before anything new begins.
    reconciling = asyncio.create_task(keep_reconciling())
    await asyncio.to_thread(ready.touch)
    running = asyncio.create_task(runner.start())
    gone = asyncio.create_task(_gone(ready))
    await asyncio.wait([running, gone], return_when=asyncio.FIRST_COMPLETED)
    for task in (reconciling, gone):
        task.cancel()
    if gone.done():
        running.cancel()
    await running


async def _gone(ready: Path) -> None:
    """Wait until the home is removed, with which everything of it ends."""
    while await asyncio.to_thread(ready.exists):  # noqa: ASYNC110 - nothing tells of a removal
        await asyncio.sleep(LOOK_EVERY)


if __name__ == "__main__":
    asyncio.run(main(all_deployments(), Path(sys.argv[1])))
