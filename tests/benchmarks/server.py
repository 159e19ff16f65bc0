"""The tests' endpoint as a process: prints its address and serves with 20 ms of latency."""

import asyncio

from tests.endpoint import Endpoint, served


async def main() -> None:
    async with served(Endpoint(latency=0.02, keeps=False)) as endpoint:
        print(endpoint.url, flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
