"""Whose people a list is about that is taken out: who may let it out depends on it.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of lists of before nobody knows: they count as their whole region's."""
    for table in ("export", "export_event"):
        op.add_column(
            table,
            sa.Column(
                "offices", ARRAY(sa.String(40)), server_default=sa.text("'{}'"), nullable=False
            ),
        )
