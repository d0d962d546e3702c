"""How a call reaches its agency, decided at its first try; what a region's file last said.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; calls that were tried before went by interface."""
    op.add_column("service_call", sa.Column("mode", sa.String(10)))
    op.execute("update service_call set mode = 'api' where attempts > 0")
    op.create_index(
        "ix_service_call_waiting",
        "service_call",
        ["region", "agency"],
        postgresql_where=sa.text("mode = 'file' and state = 'queued'"),
    )
    op.add_column(
        "agency_setting",
        sa.Column("seeded_mode", sa.String(10), nullable=False, server_default=""),
    )
