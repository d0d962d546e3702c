"""The office of an agency that a request goes to, and that handles an item.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Requests and items of before belong to their agency as a whole."""
    op.add_column("service_call", sa.Column("office", sa.String(40), nullable=True))
    op.add_column("item", sa.Column("office", sa.String(40), nullable=True))
