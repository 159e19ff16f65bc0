"""Generate and score the shards of a run, some at once, until all are scored or the comparison is settled."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeVar

from assay.records import Sample
from harnesses.evaluation.executor import Executor, ShardIncomplete, Step
from harnesses.evaluation.generate import generate_shard
from harnesses.evaluation.plan import SHARDS_WATCHED, Plan, Stop
from harnesses.evaluation.progress import Progress
from harnesses.evaluation.resources import Resources
from harnesses.evaluation.score import ShardScores, score_shard, stored_samples

T = TypeVar("T")

SHARDS_AT_ONCE = 4
"""Enough to keep the engine busy while others are scored; bounds what is held in memory."""


@dataclass(frozen=True, kw_only=True)
class Answering:
    """The shards of a plan, and what generates and scores them."""

    plan: Plan
    resources: Resources
    executor: Executor
    progress: Progress
    scores: ShardScores = field(default_factory=ShardScores)

    async def run(self) -> tuple[Plan, ShardScores]:
        """Answer all shards; returns the plan as carried out, shorter where the run stopped early."""
        stops: list[Stop] = []
        room = asyncio.Semaphore(SHARDS_AT_ONCE if self.plan.watch is None else SHARDS_WATCHED)

        async def answer(number: int) -> None:
            async with room:
                if stops:
                    return
                await self._score(number, await self._generate(number))
                if not stops and (stop := self.plan.stop(self.scores.unbroken)):
                    stops.append(stop)

        await _all(answer(number) for number in range(len(self.plan.shards)))
        if not stops:
            return self.plan, self.scores
        stopped = self.plan.beginning(stops[0])
        self.resources.store.keep_shards(stopped.run.id, [shard.name for shard in stopped.shards])
        return stopped, self.scores

    async def _generate(self, number: int) -> list[Sample]:
        """Generate the samples of a shard, or read those that an earlier attempt has left."""
        shard, store = self.plan.shards[number], self.resources.store
        draw = partial(generate_shard, self.plan, shard, resources=self.resources, progress=self.progress)
        reusable = store.has_shard(self.plan.run.id, shard.name)
        try:
            count, samples = await self._run("generate", number, draw, reusable=reusable)
            self.progress.done_by_shard[shard.name] = count
        except ShardIncomplete:
            # Those that failed are on record too, and the others are scored all the same.
            samples = None
        return samples or await stored_samples(self.plan, shard, store=store)

    async def _score(self, number: int, samples: list[Sample]) -> None:
        score = partial(
            score_shard,
            self.plan,
            self.plan.shards[number],
            samples,
            resources=self.resources,
            progress=self.progress,
        )
        _, scores = await self._run("score", number, score)
        self.scores.add(number, scores or ())

    async def _run(
        self,
        name: Literal["generate", "score"],
        number: int,
        work: Callable[[], Awaitable[list[T]]],
        *,
        reusable: bool = False,
    ) -> tuple[int, list[T] | None]:
        """Run a step; returns how many records it made, and these where it did not reuse earlier ones.

        Only their number passes through the executor.
        """
        records: list[list[T]] = []

        async def counted() -> int:
            records[:] = [await work()]
            return len(records[0])

        shard = self.plan.shards[number].name
        step = Step(name=name, run=self.plan.run.id, shard=shard, number=number, reusable=reusable)
        count = await self.executor.run(step, counted)
        return count, records[0] if records else None


async def _all(coroutines: Iterable[Coroutine[object, object, None]]) -> None:
    """Await all; where one fails, cancel the others first."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
