"""统计: cases closed in a period are one index range.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_case__closed",
        "case_",
        ["region", "closed_at"],
        postgresql_where=sa.text("closed_at is not null"),
    )
