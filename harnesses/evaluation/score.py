"""Score the samples of shards, as these are generated."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import anyio.to_thread

from assay.records import Sample, Score
from assay.spool import Spool
from assay.store.outage import outlasting
from assay.store.store import Store
from harnesses.evaluation.plan import Plan
from harnesses.evaluation.progress import Progress
from harnesses.evaluation.resources import Resources
from harnesses.evaluation.shards import Shard
from tasks_lib.scoring import score_sample, score_text


class ShardScores:
    """The scores of a run, shard by shard; most of them lie on disk."""

    def __init__(self) -> None:
        self._scores = Spool(Score)
        self._indexes: dict[int, range] = {}

    def add(self, shard: int, scores: Iterable[Score]) -> None:
        """Add the scores of a shard, by its number."""
        self._indexes[shard] = self._scores.extend(scores)

    def of(self, shards: Iterable[int]) -> Iterator[Score]:
        """Yield the scores of some shards, in the order of these."""
        return (self._scores[index] for shard in shards for index in self._indexes.get(shard, ()))

    def unbroken(self) -> tuple[int, Iterator[Score]]:
        """The unbroken beginning of the shards that are scored: its length, and its scores."""
        count = next(number for number in range(len(self._indexes) + 1) if number not in self._indexes)
        return count, self.of(range(count))


async def stored_samples(plan: Plan, shard: Shard, *, store: Store) -> list[Sample]:
    """Read the samples of a shard that an earlier attempt, or a part of this one, has stored."""
    read = outlasting(lambda: list(store.samples(plan.run.id, shard=shard.name)))
    return await anyio.to_thread.run_sync(read)


async def score_shard(
    plan: Plan, shard: Shard, samples: Sequence[Sample], *, resources: Resources, progress: Progress
) -> list[Score]:
    """Score the samples of a shard, in the sandbox where a scorer needs one."""
    progress.prompt_tokens += sum(sample.prompt_tokens or 0 for sample in samples)
    progress.completion_tokens += sum(sample.completion_tokens or 0 for sample in samples)
    task, questions = plan.job.task, {question.id: question for question in shard.questions}
    if task.needs:
        scores = await asyncio.gather(
            *(score_sample(task, questions[s.question_id], s, pool=resources.pool) for s in samples)
        )
    else:
        scores = [score_text(task, questions[s.question_id], s) for s in samples]
    return list(chain.from_iterable(scores))
