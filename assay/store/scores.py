"""Scores, as records and as columns."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select

from assay.batching import batched
from assay.errors import InvalidRecords
from assay.records import Score, Status
from assay.store.tables import QUESTION, RUN, SCORE

FIELDS = [SCORE.c[name] for name in Score.model_fields]


class ScoreColumns(NamedTuple):
    """The scores of one metric of one run; position i of every list belongs to one sample."""

    question_id: list[str]
    sample_index: list[int]
    value: list[float | None]
    """None exactly where the status is failed or skipped."""
    weight: list[float]
    status: list[Status]
    digest: list[str]
    """Digest of the question's content."""
    cluster: list[str | None]
    """Cluster of the question."""


def replace(connection: Connection, run_id: str, scores: Iterable[Score]) -> None:
    """Replace all scores of the run."""
    connection.execute(delete(SCORE).where(SCORE.c.run_id == run_id))
    for batch in batched(scores):
        connection.execute(insert(SCORE), [{"run_id": run_id, **dict(score)} for score in batch])


def read(connection: Connection, run_id: str, *, metric: str | None) -> list[Score]:
    """Return scores by metric, question id and sample index."""
    query = select(*FIELDS).where(SCORE.c.run_id == run_id)
    if metric is not None:
        query = query.where(SCORE.c.metric == metric)
    query = query.order_by(SCORE.c.metric, SCORE.c.question_id, SCORE.c.sample_index)
    return [Score(**row._mapping) for row in connection.execute(query)]


def columns(connection: Connection, run_id: str, metric: str) -> ScoreColumns:
    """Return the scores of one metric as columns, by question id and sample index."""
    same_question = and_(
        QUESTION.c.task_fingerprint == RUN.c.task_fingerprint, QUESTION.c.question_id == SCORE.c.question_id
    )
    query = (
        select(
            SCORE.c.question_id,
            SCORE.c.sample_index,
            SCORE.c.value,
            SCORE.c.weight,
            SCORE.c.status,
            QUESTION.c.digest,
            QUESTION.c.cluster,
        )
        .select_from(SCORE)
        .join(RUN, RUN.c.id == SCORE.c.run_id)
        .join(QUESTION, same_question, isouter=True)
        .where(SCORE.c.run_id == run_id, SCORE.c.metric == metric)
        .order_by(SCORE.c.question_id, SCORE.c.sample_index)
    )
    rows = connection.execute(query).all()
    if not rows:
        return ScoreColumns([], [], [], [], [], [], [])
    score_columns = ScoreColumns(*[list(column) for column in zip(*rows, strict=True)])
    unknown = {
        i for i, digest in zip(score_columns.question_id, score_columns.digest, strict=True) if not digest
    }
    if unknown:
        raise InvalidRecords(
            f"Run {run_id} has scores of questions that are not in the store",
            ids=sorted(unknown),
            remedy="Evaluate it again.",
        )
    return score_columns
