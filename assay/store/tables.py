"""The tables, one class each, and the constraints that hold whoever writes.

Classes say what is stored; queries use the tables at the end of the file, because selecting columns is
faster than building objects. Records are validated by `assay.records` before they come here.
"""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from assay.store.columns import Key, Prose

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
FINITE = "{0} BETWEEN -1.7e308 AND 1.7e308"
"""True of numbers; NaN and infinities fail it in both databases."""

Json = dict[str, JsonValue]


class Table(SQLModel, registry=registry(metadata=METADATA)):
    """Keep our tables apart from those of other packages that use SQLModel."""


class RunRow(Table, table=True):
    """One checkpoint, task and harness evaluated; `identity` is what makes two attempts the same run."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint(
            "status IN ('running', 'completed', 'failed', 'invalid', 'cancelled')", name="status"
        ),
        CheckConstraint(
            "expected >= 0 AND scored >= 0 AND truncated >= 0"
            " AND unparsed >= 0 AND failed >= 0 AND skipped >= 0",
            name="counts",
        ),
        CheckConstraint(
            "status <> 'completed' OR scored + truncated + unparsed + failed + skipped = expected",
            name="complete",
        ),
        CheckConstraint("prompt_tokens >= 0 AND completion_tokens >= 0 AND requested >= 0", name="cost"),
        Index(None, "task_fingerprint", "training_run", "step"),
        Index(None, "started"),
    )

    id: str = Field(primary_key=True, sa_type=Key)
    identity: str = Field(unique=True, sa_type=Key)
    task: str = Field(sa_type=Key)
    task_fingerprint: str = Field(sa_type=Key)
    harness: str = Field(sa_type=Key)
    harness_fingerprint: str = Field(sa_type=Key)
    checkpoint_name: str = Field(sa_type=Key)
    checkpoint_fingerprint: str = Field(sa_type=Key)
    training_run: str | None = Field(default=None, sa_type=Key)
    step: int | None = Field(default=None, sa_type=BigInteger)
    checkpoint: Json = Field(sa_type=JSON)
    dataset_digest: str = Field(sa_type=Key)
    asked: str = Field(sa_type=Key)
    conditions: Json = Field(sa_type=JSON)
    options: Json = Field(sa_type=JSON)
    limit: int | None = None
    seed: int = Field(sa_type=BigInteger)
    status: str = Field(sa_type=Key)
    headline: str = Field(sa_type=Key)
    metrics: Json = Field(sa_type=JSON)
    expected: int
    scored: int
    truncated: int
    unparsed: int
    failed: int
    skipped: int
    unclosed: int
    prompt_tokens: int = Field(sa_type=BigInteger)
    completion_tokens: int = Field(sa_type=BigInteger)
    requested: int = Field(sa_type=BigInteger)
    limits: list[Json] = Field(sa_type=JSON)
    started: datetime = Field(sa_type=UTCDateTime)
    ended: datetime | None = Field(default=None, sa_type=UTCDateTime)
    seconds: float | None = None
    problem: str | None = Field(default=None, sa_type=Prose)
    stopped: Json | None = Field(default=None, sa_type=JSON)
    rescored_from: str | None = Field(default=None, sa_type=Key)
    provenance: Json = Field(sa_type=JSON)


class QuestionRow(Table, table=True):
    """One question of a task as it was asked; `position` is its row in the official split."""

    __tablename__ = "question"
    __table_args__ = (PrimaryKeyConstraint("task_fingerprint", "question_id"),)

    task_fingerprint: str = Field(sa_type=Key)
    question_id: str = Field(sa_type=Key)
    digest: str = Field(sa_type=Key)
    position: int | None = Field(default=None, sa_type=BigInteger)
    text: str = Field(sa_type=Prose)
    target: str | None = Field(default=None, sa_type=Prose)
    aliases: list[str] = Field(sa_type=JSON)
    choices: list[str] = Field(sa_type=JSON)
    answer: int | None = None
    cluster: str | None = Field(default=None, sa_type=Key)
    fields: Json = Field(sa_type=JSON)


class SampleRow(Table, table=True):
    """One model output for one question; shards are replaced as a whole."""

    __tablename__ = "sample"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "question_id", "index"),
        CheckConstraint('"index" >= 0', name="index"),
        CheckConstraint("prompt_tokens >= 0 AND completion_tokens >= 0 AND seconds >= 0", name="cost"),
        Index(None, "run_id", "shard"),
    )

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", sa_type=Key)
    question_id: str = Field(sa_type=Key)
    index: int
    shard: str = Field(sa_type=Key)
    output: str = Field(sa_type=Prose)
    finish_reason: str | None = Field(default=None, sa_type=Key)
    reasoning: str | None = Field(default=None, sa_type=Prose)
    loglikelihoods: list[Json] = Field(sa_type=JSON)
    messages: list[Json] = Field(sa_type=JSON)
    ended: str | None = Field(default=None, sa_type=Key)
    missing: bool
    failure: Json | None = Field(default=None, sa_type=JSON)
    prompt_tokens: int | None = Field(default=None, sa_type=BigInteger)
    completion_tokens: int | None = Field(default=None, sa_type=BigInteger)
    seconds: float | None = None
    cached: bool


class ScoreRow(Table, table=True):
    """The judgement of one sample by one metric; a failure has no value, everything else has one."""

    __tablename__ = "score"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "metric", "question_id", "sample_index"),
        CheckConstraint("sample_index >= 0", name="index"),
        CheckConstraint("status IN ('scored', 'truncated', 'unparsed', 'failed', 'skipped')", name="status"),
        CheckConstraint("(value IS NULL) = (status IN ('failed', 'skipped'))", name="failure"),
        CheckConstraint(FINITE.format("value"), name="value"),
        CheckConstraint(f"weight >= 0 AND {FINITE.format('weight')}", name="weight"),
    )

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", sa_type=Key)
    metric: str = Field(sa_type=Key)
    question_id: str = Field(sa_type=Key)
    sample_index: int
    status: str = Field(sa_type=Key)
    value: float | None = None
    weight: float
    answer: str | None = Field(default=None, sa_type=Prose)
    explanation: str | None = Field(default=None, sa_type=Prose)


class QuarantineRow(Table, table=True):
    """One record that did not pass its contract, and why."""

    __tablename__ = "quarantine"
    __table_args__ = (CheckConstraint("kind IN ('sample', 'score', 'batch')", name="kind"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE", index=True, sa_type=Key)
    kind: str = Field(sa_type=Key)
    question_id: str = Field(sa_type=Key)
    reason: str = Field(sa_type=Prose)
    record: Json = Field(sa_type=JSON)


class ComparisonRow(Table, table=True):
    """Two runs, or two suites of runs, aligned question by question."""

    __tablename__ = "comparison"

    id: str = Field(primary_key=True, sa_type=Key)
    a: str = Field(sa_type=Key)
    b: str = Field(sa_type=Key)
    body: Json = Field(sa_type=JSON)
    created: datetime = Field(sa_type=UTCDateTime, index=True)


class ScopeRow(Table, table=True):
    """One stretch in which answers of an endpoint that proves nothing may be reused."""

    __tablename__ = "scope"

    nonce: str = Field(primary_key=True, sa_type=Key)
    key: str = Field(index=True, sa_type=Key)
    opened: datetime = Field(sa_type=UTCDateTime)
    closed: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ResponseRow(Table, table=True):
    """One response as it arrived, under the hash of what was asked."""

    __tablename__ = "response"

    key: str = Field(primary_key=True, sa_type=Key)
    body: bytes = Field(sa_type=LargeBinary)
    created: datetime = Field(sa_type=UTCDateTime)


RUN = METADATA.tables["run"]
QUESTION = METADATA.tables["question"]
SAMPLE = METADATA.tables["sample"]
SCORE = METADATA.tables["score"]
QUARANTINE = METADATA.tables["quarantine"]
COMPARISON = METADATA.tables["comparison"]
SCOPE = METADATA.tables["scope"]
RESPONSE = METADATA.tables["response"]
