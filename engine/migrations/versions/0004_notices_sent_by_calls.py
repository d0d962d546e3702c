"""Notices that a service call delivers.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remember the call a notice is sent by."""
    op.add_column("notice", sa.Column("call_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_notice_call", "notice", ["call_id"], postgresql_where=sa.text("state = 'queued'")
    )
