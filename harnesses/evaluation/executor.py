"""Who runs the steps of an evaluation: this process, or a workflow engine."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from assay.errors import BadSpec, ProviderError

T = TypeVar("T")

StepName = Literal[
    "load questions",
    "plan sandbox",
    "start sandbox",
    "generate",
    "score",
    "validate records",
    "persist",
    "summarise",
]
Admit = Callable[[], Awaitable[None]]
"""Waits until one more request may be sent."""

RETRY_SECONDS = 2.0
"""Until a shard whose samples failed is generated once more."""


class ShardIncomplete(ProviderError):
    """Samples of a shard failed; they are recorded, and the shard may be generated once more."""

    retryable = True


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of an evaluation, and what it works on, by their ids."""

    name: StepName
    run: str = ""
    """Id of the run; empty until its questions are loaded."""
    shard: str = ""
    number: int | None = None
    """Position of the shard."""
    reusable: bool = False
    """Whether an earlier result of this step still stands, since what it made is in the store."""


class Executor(Protocol):
    """Runs the steps of an evaluation, in order and in this process."""

    @property
    def flow_run(self) -> str | None:
        """Id of the workflow engine's run, where there is one."""
        ...

    async def run(self, step: Step, work: Callable[[], Awaitable[T]]) -> T:
        """Run a step; `generate` is run once more after ShardIncomplete, which is then raised."""
        ...

    async def rate_limit(self, name: str) -> Admit:
        """Find a rate limit that processes share; raises BadSpec where there is none of that name."""
        ...


class LocalExecutor:
    """Runs the steps as plain function calls."""

    flow_run: str | None = None

    async def run(self, step: Step, work: Callable[[], Awaitable[T]]) -> T:
        """Call the step."""
        try:
            return await work()
        except ShardIncomplete:
            await asyncio.sleep(RETRY_SECONDS)
            return await work()

    async def rate_limit(self, name: str) -> Admit:
        """Refuse: a limit that processes share is kept by the Prefect server."""
        raise BadSpec(
            f"The rate limit {name!r} is kept by a Prefect server, and this evaluation runs without one.",
            remedy="Pass flow=True, or leave rate_limit out.",
        )
