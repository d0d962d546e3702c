"""工作日历: imported years; when a timer was worked out.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; the application's rights on it come with the default privileges."""
    op.create_table(
        "calendar_year",
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("notice", sa.JSON(), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("calendar", "year", name=op.f("pk_calendar_year")),
    )
    op.add_column("timer", sa.Column("set_at", sa.DateTime(timezone=True), nullable=True))
