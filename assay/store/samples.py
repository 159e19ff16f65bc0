"""Samples, replaced a shard at a time."""

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, delete, insert, select

from assay.batching import ROWS, batched
from assay.records import Sample
from assay.store.tables import SAMPLE

FIELDS = [SAMPLE.c[name] for name in Sample.model_fields]


def replace(connection: Connection, run_id: str, shard: str, samples: Iterable[Sample]) -> None:
    """Replace all samples of the shard, however the questions were divided before."""
    connection.execute(delete(SAMPLE).where(SAMPLE.c.run_id == run_id, SAMPLE.c.shard == shard))
    for batch in batched(samples):
        connection.execute(
            insert(SAMPLE), [{"run_id": run_id, "shard": shard, **dict(sample)} for sample in batch]
        )


def exist(connection: Connection, run_id: str, shard: str) -> bool:
    """Whether the shard has samples."""
    condition = (SAMPLE.c.run_id == run_id, SAMPLE.c.shard == shard)
    return connection.scalar(select(SAMPLE.c.question_id).where(*condition).limit(1)) is not None


def keep(connection: Connection, run_id: str, shards: Collection[str]) -> None:
    """Delete the samples of all other shards, left by another division of the questions."""
    stored = set(connection.scalars(select(SAMPLE.c.shard).where(SAMPLE.c.run_id == run_id).distinct()))
    for shard in stored.difference(shards):
        connection.execute(delete(SAMPLE).where(SAMPLE.c.run_id == run_id, SAMPLE.c.shard == shard))


def stream(connection: Connection, run_id: str, *, shard: str | None) -> Iterator[Sample]:
    """Yield samples by question id and index."""
    query = select(*FIELDS).where(SAMPLE.c.run_id == run_id)
    if shard is not None:
        query = query.where(SAMPLE.c.shard == shard)
    query = query.order_by(SAMPLE.c.question_id, SAMPLE.c.index)
    with connection.execution_options(yield_per=ROWS).execute(query) as rows:
        for row in rows:
            yield Sample(**row._mapping)
