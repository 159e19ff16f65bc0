"""Questions in shards, whose samples are drawn, scored and stored together."""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.fingerprint import digest
from assay.records import Question
from assay.spool import Chosen
from harnesses.scaffolds.protocol import SampleRequest
from tasks_lib.questions import Loaded, shuffled
from tasks_lib.task import Task


class Shard(NamedTuple):
    """Neighbouring questions of a run, under a name that depends on their content alone."""

    name: str
    questions: Chosen[Question]


def shards(questions: Sequence[Question], *, samples: int, size: int) -> list[Shard]:
    """Divide questions into shards of about `size` samples, with shared prefixes next to each other."""
    clusters = [question.cluster or "" for question in questions]
    rows = array("q", (question.row or 0 for question in questions))
    order = sorted(range(len(rows)), key=lambda index: (clusters[index], rows[index]))
    return _divide(Chosen(questions, array("q", order)), size=size // samples)


def random_shards(questions: Sequence[Question], *, samples: int, size: int, seed: int) -> list[Shard]:
    """Divide questions into shards in the order of their fixed shuffle, each a random part of the whole."""
    return _divide(shuffled(questions, seed=seed, limit=len(questions)), size=size // samples)


def _divide(questions: Chosen[Question], *, size: int) -> list[Shard]:
    parts: list[Shard] = []
    for start in range(0, len(questions), max(1, size)):
        part = questions[start : start + max(1, size)]
        content = digest("".join(question.digest for question in part).encode(), length=8)
        parts.append(Shard(f"{len(parts):05d}-{content}", part))
    return parts


def sample_requests(task: Task, loaded: Loaded, shard: Shard) -> Iterator[SampleRequest]:
    """Word the requests of a shard, one for each sample."""
    for question in shard.questions:
        request = loaded.request(task, question)
        for index in range(task.samples):
            yield SampleRequest(question, request, index)
