"""Accounts from the identity platform, operators of units, and where a case came in.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add columns and tables; the log of accounts can be added to and read, never changed."""
    yes, no = sa.text("true"), sa.text("false")
    op.add_column("case_", sa.Column("channel_code", sa.String(40), nullable=True))
    op.add_column(
        "work_item", sa.Column("case_process", sa.String(80), server_default="", nullable=False)
    )
    op.execute(
        "update work_item set case_process = c.process from case_ c where c.id = work_item.case_id"
    )
    op.add_column(
        "unit", sa.Column("own_account", sa.Boolean(), server_default=yes, nullable=False)
    )
    for column in (
        sa.Column("unit_admin", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("barred", sa.ARRAY(sa.String(121)), server_default="{}", nullable=False),
        sa.Column("identity_index", sa.LargeBinary(), nullable=True),
        sa.Column("verified", sa.String(20), server_default="", nullable=False),
        sa.Column("temporary", sa.Boolean(), server_default=no, nullable=False),
    ):
        op.add_column("account", column)
    op.create_index("ix_account_unit", "account", ["unit_id"])
    op.create_index("ix_account_person", "account", ["person_id"])
    op.create_index(
        "uq_account_identity",
        "account",
        ["unit_id", "identity_index"],
        unique=True,
        postgresql_where=sa.text("identity_index is not null"),
    )
    op.create_table(
        "account_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_event_account_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_event_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_event")),
    )
    op.create_index(op.f("ix_account_event_account_id"), "account_event", ["account_id"])
    op.create_index(op.f("ix_account_event_unit_id_at"), "account_event", ["unit_id", "at"])
    op.create_table(
        "spent_ticket",
        sa.Column("id", sa.String(120), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_ticket")),
    )
    op.execute(
        "create trigger append_only before update or delete or truncate on account_event"
        " for each statement execute function refuse_change()"
    )
    role = context.config.attributes["application_role"]
    if role == op.get_bind().scalar(sa.text("select current_user")):
        return  # one role for everything: an installation's own choice
    name = op.get_bind().dialect.identifier_preparer.quote(role)
    op.execute(f"revoke update, delete on account_event from {name}")
