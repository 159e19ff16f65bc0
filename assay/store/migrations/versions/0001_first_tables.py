"""Make the first tables."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

from assay.store.columns import Key, Prose

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("run", "question", "sample", "score", "quarantine", "comparison", "scope", "response")


def upgrade() -> None:
    """Go to this version."""
    create_run()
    create_question()
    create_sample()
    create_score()
    create_quarantine()
    create_comparison()
    create_scope()
    create_response()


def downgrade() -> None:
    """Go back to an empty database."""
    for table in reversed(TABLES):
        op.drop_table(table)


def create_run() -> None:
    """Make the table `run`."""
    op.create_table(
        "run",
        sa.Column("id", Key(), nullable=False),
        sa.Column("identity", Key(), nullable=False),
        sa.Column("task", Key(), nullable=False),
        sa.Column("task_fingerprint", Key(), nullable=False),
        sa.Column("harness", Key(), nullable=False),
        sa.Column("harness_fingerprint", Key(), nullable=False),
        sa.Column("checkpoint_name", Key(), nullable=False),
        sa.Column("checkpoint_fingerprint", Key(), nullable=False),
        sa.Column("training_run", Key(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=True),
        sa.Column("checkpoint", sa.JSON(), nullable=False),
        sa.Column("dataset_digest", Key(), nullable=False),
        sa.Column("asked", Key(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("status", Key(), nullable=False),
        sa.Column("headline", Key(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("truncated", sa.Integer(), nullable=False),
        sa.Column("unparsed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("requested", sa.BigInteger(), nullable=False),
        sa.Column("started", UTCDateTime(), nullable=False),
        sa.Column("ended", UTCDateTime(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("problem", Prose(), nullable=True),
        sa.Column("stopped", sa.JSON(), nullable=True),
        sa.Column("rescored_from", Key(), nullable=True),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "status <> 'completed' OR scored + truncated + unparsed + failed + skipped = expected",
            name=op.f("ck_run_complete"),
        ),
        sa.CheckConstraint(
            "status IN ('running', 'completed', 'failed', 'invalid', 'cancelled')", name=op.f("ck_run_status")
        ),
        sa.CheckConstraint(
            "expected >= 0 AND scored >= 0 AND truncated >= 0 AND"
            " unparsed >= 0 AND failed >= 0 AND skipped >= 0",
            name=op.f("ck_run_counts"),
        ),
        sa.CheckConstraint(
            "prompt_tokens >= 0 AND completion_tokens >= 0 AND requested >= 0", name=op.f("ck_run_cost")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("identity", name="uq_run_identity"),
    )
    op.create_index("ix_run_started", "run", ["started"])
    op.create_index(
        "ix_run_task_fingerprint_training_run_step", "run", ["task_fingerprint", "training_run", "step"]
    )


def create_question() -> None:
    """Make the table `question`."""
    op.create_table(
        "question",
        sa.Column("task_fingerprint", Key(), nullable=False),
        sa.Column("question_id", Key(), nullable=False),
        sa.Column("digest", Key(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("text", Prose(), nullable=False),
        sa.Column("target", Prose(), nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("cluster", Key(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("task_fingerprint", "question_id", name="pk_question"),
    )


def create_sample() -> None:
    """Make the table `sample`."""
    op.create_table(
        "sample",
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("question_id", Key(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("shard", Key(), nullable=False),
        sa.Column("output", Prose(), nullable=False),
        sa.Column("finish_reason", Key(), nullable=True),
        sa.Column("reasoning", Prose(), nullable=True),
        sa.Column("loglikelihoods", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("ended", Key(), nullable=True),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=True),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.CheckConstraint('"index" >= 0', name=op.f("ck_sample_index")),
        sa.CheckConstraint(
            "prompt_tokens >= 0 AND completion_tokens >= 0 AND seconds >= 0", name=op.f("ck_sample_cost")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_sample_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "question_id", "index", name="pk_sample"),
    )
    op.create_index("ix_sample_run_id_shard", "sample", ["run_id", "shard"])


def create_score() -> None:
    """Make the table `score`."""
    op.create_table(
        "score",
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("metric", Key(), nullable=False),
        sa.Column("question_id", Key(), nullable=False),
        sa.Column("sample_index", sa.Integer(), nullable=False),
        sa.Column("status", Key(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("answer", Prose(), nullable=True),
        sa.Column("explanation", Prose(), nullable=True),
        sa.CheckConstraint(
            "(value IS NULL) = (status IN ('failed', 'skipped'))", name=op.f("ck_score_failure")
        ),
        sa.CheckConstraint(
            "status IN ('scored', 'truncated', 'unparsed', 'failed', 'skipped')", name=op.f("ck_score_status")
        ),
        sa.CheckConstraint("sample_index >= 0", name=op.f("ck_score_index")),
        sa.CheckConstraint("value BETWEEN -1.7e308 AND 1.7e308", name=op.f("ck_score_value")),
        sa.CheckConstraint(
            "weight >= 0 AND weight BETWEEN -1.7e308 AND 1.7e308", name=op.f("ck_score_weight")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_score_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "metric", "question_id", "sample_index", name="pk_score"),
    )


def create_quarantine() -> None:
    """Make the table `quarantine`."""
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", Key(), nullable=False),
        sa.Column("kind", Key(), nullable=False),
        sa.Column("question_id", Key(), nullable=False),
        sa.Column("reason", Prose(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('sample', 'score', 'batch')", name=op.f("ck_quarantine_kind")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_quarantine_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_run_id", "quarantine", ["run_id"])


def create_comparison() -> None:
    """Make the table `comparison`."""
    op.create_table(
        "comparison",
        sa.Column("id", Key(), nullable=False),
        sa.Column("a", Key(), nullable=False),
        sa.Column("b", Key(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comparison"),
    )
    op.create_index("ix_comparison_created", "comparison", ["created"])


def create_scope() -> None:
    """Make the table `scope`."""
    op.create_table(
        "scope",
        sa.Column("nonce", Key(), nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("opened", UTCDateTime(), nullable=False),
        sa.Column("closed", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("nonce", name="pk_scope"),
    )
    op.create_index("ix_scope_key", "scope", ["key"])


def create_response() -> None:
    """Make the table `response`."""
    op.create_table(
        "response",
        sa.Column("key", Key(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_response"),
    )
    op.create_index("ix_response_created", "response", ["created"])
