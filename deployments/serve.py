"""Serve the deployments: `python -m deployments.serve READY`, which `assay up` starts."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner

from deployments.checkpoints import all_deployments

AT_ONCE = 2


async def main(deployments: Sequence[RunnerDeployment], ready: Path) -> None:
    """Register deployments, make the file `ready`, and run what is due until ended."""
    runner = Runner(name="assay", limit=AT_ONCE)
    for deployment in deployments:
        await runner.aadd_deployment(deployment)
    await asyncio.to_thread(ready.touch)
    await runner.start()


if __name__ == "__main__":
    asyncio.run(main(all_deployments(), Path(sys.argv[1])))
