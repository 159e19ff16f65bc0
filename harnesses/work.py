"""The unit the harness works on: one question, its request, and which of the K samples is wanted."""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.fingerprint import digest
from assay.records import Question, Request
from assay.spool import Chosen
from tasks_lib.questions import Loaded, shuffled
from tasks_lib.task import Task


class Work(NamedTuple):
    """One sample to draw."""

    question: Question
    request: Request
    sample: int


class Shard(NamedTuple):
    """A run of neighbouring questions whose samples are drawn, scored and stored together."""

    name: str
    questions: Chosen[Question]


def shards(questions: Sequence[Question], *, samples: int, size: int) -> list[Shard]:
    """Cut questions into shards of about `size` samples, in an order that keeps shared prefixes adjacent."""
    clusters = [question.cluster or "" for question in questions]
    rows = array("q", (question.row or 0 for question in questions))
    order = sorted(range(len(rows)), key=lambda place: (clusters[place], rows[place]))
    return _cut(Chosen(questions, array("q", order)), size=size // samples)


def random_shards(questions: Sequence[Question], *, samples: int, size: int, seed: int) -> list[Shard]:
    """Cut questions into shards in the order of their fixed shuffle, each a random part of the whole."""
    return _cut(shuffled(questions, seed=seed, limit=len(questions)), size=size // samples)


def _cut(ordered: Chosen[Question], *, size: int) -> list[Shard]:
    cut: list[Shard] = []
    for start in range(0, len(ordered), max(1, size)):
        piece = ordered[start : start + max(1, size)]
        content = digest("".join(question.digest for question in piece).encode(), length=8)
        cut.append(Shard(f"{len(cut):05d}-{content}", piece))
    return cut


def works(task: Task, loaded: Loaded, shard: Shard) -> Iterator[Work]:
    """Word the requests of a shard, one for each sample."""
    for question in shard.questions:
        request = loaded.request(task, question)
        for index in range(task.samples):
            yield Work(question, request, index)
