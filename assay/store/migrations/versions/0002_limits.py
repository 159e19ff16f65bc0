"""Keep with a run what became of the requests in flight; find responses by their key alone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("run", sa.Column("limits", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.drop_index("ix_response_created", "response")


def downgrade() -> None:
    """Go back to the version before."""
    op.create_index("ix_response_created", "response", ["created"])
    op.drop_column("run", "limits")
