"""An evaluation without Prefect: questions, engine, response log, scores, summary.

`python -m tests.faults.client URL DATABASE` makes one in a process that can be killed.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from assay.records import Counts, MetricSummary, Question, Sampling, Score
from assay.store.responses import ResponseLog
from harnesses.engine.engine import Engine
from harnesses.evaluation.generate import draw
from harnesses.evaluation.shards import sample_requests, shards
from harnesses.harness import load_harness
from harnesses.providers.catalog import open_provider
from harnesses.scaffolds.catalog import build_scaffold
from tasks_lib.extract.numbers import last_number
from tasks_lib.metrics import accuracy, choice_accuracy
from tasks_lib.prompts import cloze, completion
from tasks_lib.questions import load
from tasks_lib.scorers.text import exact_match
from tasks_lib.scoring import score_text
from tasks_lib.summary import summarise
from tasks_lib.task import Row, Task

QUESTIONS = 240
CONCURRENCY = 16
Outcome = tuple[dict[str, MetricSummary], Counts]


@dataclass(frozen=True)
class Rows:
    """Questions made up here."""

    count: int = QUESTIONS

    def rows(self) -> Iterator[Row]:
        return ({"id": f"q{i}", "text": f"Question {i}?", "answer": i % 10} for i in range(self.count))


def digits() -> Task:
    """Answers that are a number."""
    return Task(
        source=Rows(),
        question=lambda row: Question(id=row["id"], text=row["text"], target=str(row["answer"])),
        prompt=completion("{text}"),
        metrics=[accuracy(exact_match(last_number))],
        generate=Sampling(max_tokens=8),
        name="digits",
    )


def letters() -> Task:
    """Choices compared by likelihood."""
    return Task(
        source=Rows(),
        question=lambda row: Question(
            id=row["id"], text=row["text"], choices=("one", "two", "three"), answer=row["answer"] % 3
        ),
        prompt=cloze("{text}\nAnswer:"),
        metrics=[choice_accuracy()],
        name="letters",
    )


async def evaluate(url: str, *, log: ResponseLog, task: Task | None = None, **settings: str) -> Outcome:
    """Evaluate, leaving the log open; samples that fail count as failed."""
    task = task or digits()
    loaded = load(task)
    opened = open_provider("openai:test-model", {"base_url": url, "revision": "r", **settings})
    engine = Engine(
        opened.provider,
        checkpoint=await opened.provider.checkpoint(),
        log=log,
        concurrency=CONCURRENCY,
        timeout=opened.settings.timeout or 60.0,
    )
    scaffold = build_scaffold(load_harness("plain"))
    questions = {question.id: question for question in loaded.questions}
    scores: list[Score] = []
    try:
        for shard in shards(loaded.questions, samples=1, size=100):
            items = list(sample_requests(task, loaded, shard))
            async for sample in draw(scaffold, items, engine=engine, pool=None):
                scores += score_text(task, questions[sample.question_id], sample)
    finally:
        await opened.provider.aclose()
    # A fixed order, so that sums are equal to the last bit.
    scores.sort(key=lambda score: score.question_id)
    return summarise(task, loaded.questions, scores, expected=len(loaded.questions))


async def main(url: str, database: str) -> None:
    log = ResponseLog.open(database)
    try:
        metrics, counts = await evaluate(url, log=log)
    finally:
        await log.aclose()
    print(counts.scored, metrics["accuracy"].value)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
