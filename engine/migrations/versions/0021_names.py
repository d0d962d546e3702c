"""Finding tasks and cases by name and number among very many.

Revision ID: 0021
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without these a search by name reads every open task of a role."""
    op.execute("create index ix_work_item_no on work_item (case_no) where state = 'open'")
    op.execute("create index ix_work_item_subject on work_item (subject) where state = 'open'")
    op.execute("create index ix_case__subject on case_ (subject, id)")
