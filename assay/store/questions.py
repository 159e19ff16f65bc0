"""The questions of a task, as they were asked."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, exists, select

from assay.batching import batched
from assay.errors import InvalidRecords
from assay.records import Question
from assay.store.inserts import insert_missing
from assay.store.tables import QUESTION

NAMES = {"id": "question_id", "row": "position"}
FIELDS = [QUESTION.c[NAMES.get(name, name)].label(name) for name in Question.model_fields]


def save(connection: Connection, task_fingerprint: str, questions: Iterable[Question]) -> None:
    """Insert the questions that are not stored yet; raises InvalidRecords where one has changed."""
    statement = insert_missing(connection, QUESTION)
    for batch in batched(questions):
        digests = _digests(connection, task_fingerprint, [question.id for question in batch])
        _refuse_changed(batch, digests)
        rows = [
            {"task_fingerprint": task_fingerprint, **{NAMES.get(k, k): v for k, v in dict(question).items()}}
            for question in batch
            if question.id not in digests
        ]
        if rows:
            connection.execute(statement, rows)


def read(connection: Connection, task_fingerprint: str) -> dict[str, Question]:
    """Return questions by id, in the official order."""
    query = (
        select(*FIELDS)
        .where(QUESTION.c.task_fingerprint == task_fingerprint)
        .order_by(QUESTION.c.position.asc().nulls_last(), QUESTION.c.question_id)
    )
    return {row.id: Question(**row._mapping) for row in connection.execute(query)}


def exist(connection: Connection, task_fingerprint: str) -> bool:
    """Whether any question of the task is stored."""
    query = select(exists().where(QUESTION.c.task_fingerprint == task_fingerprint))
    return bool(connection.scalar(query))


def _digests(connection: Connection, task_fingerprint: str, ids: Sequence[str]) -> dict[str, str]:
    query = select(QUESTION.c.question_id, QUESTION.c.digest).where(
        QUESTION.c.task_fingerprint == task_fingerprint, QUESTION.c.question_id.in_(ids)
    )
    return {row.question_id: row.digest for row in connection.execute(query)}


def _refuse_changed(batch: Sequence[Question], digests: dict[str, str]) -> None:
    changed = [
        question.id for question in batch if digests.get(question.id, question.digest) != question.digest
    ]
    if changed:
        raise InvalidRecords(
            "The content of questions differs from those stored under the same task fingerprint and id",
            ids=changed,
            remedy="Give the questions ids that identify them, or the data set a new revision.",
        )
