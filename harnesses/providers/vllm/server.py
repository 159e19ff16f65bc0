"""The server, or servers, of a checkpoint: all processes of a launch, waited for until they answer."""

import asyncio
import time

import aiohttp

from assay.errors import EndpointRefused
from harnesses.providers.vllm.plan import Launch
from harnesses.providers.vllm.process import Running, begin, sweep

EVERY = 0.5


class Servers:
    """All processes of one launch."""

    def __init__(self, launch: Launch, *, name: str) -> None:
        self._launch = launch
        self._name = name
        self._running: list[Running] = []
        self.doing = ""
        """What is being waited for; empty once they answer."""

    async def start(self, *, within: float) -> None:
        """Start them all and wait until every replica answers; raises EndpointRefused."""
        await asyncio.to_thread(sweep)
        began_at = time.monotonic()
        try:
            for command in self._launch.commands:
                self._running.append(begin(command, name=self._name))
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
                for url in self._launch.urls:
                    while not await _healthy(session, url.removesuffix("/v1")):
                        self._check(time.monotonic() - began_at, within=within)
                        await asyncio.sleep(EVERY)
        except BaseException:
            await self.stop()
            raise
        finally:
            self.doing = ""

    def problem(self) -> EndpointRefused | None:
        """Say which process has ended unasked and why, if one has."""
        return next((one.problem for one in self._running if one.problem), None)

    async def stop(self) -> None:
        """End them all: kindly, then for good."""
        for one in self._running:
            one.ask_to_end()
        # To be interrupted here again is no reason to leave processes behind: their keepers go on.
        await asyncio.gather(*(asyncio.to_thread(one.finish) for one in self._running))
        self._running.clear()

    def _check(self, seconds: float, *, within: float) -> None:
        problem = self.problem()
        if problem is not None:
            raise problem
        newest = max(self._running, key=lambda one: one.log.stat().st_mtime)
        self.doing = f"vLLM starts, {seconds:.0f} s: {newest.newest[:60]}"
        if seconds > within:
            raise EndpointRefused(
                f"vLLM did not answer within {within:.0f} s; it said last: {newest.newest}.",
                remedy=f"Allow more with -M start_timeout=SECONDS; its log is {newest.log}.",
            )


async def _healthy(session: aiohttp.ClientSession, root: str) -> bool:
    try:
        async with session.get(f"{root}/health") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
