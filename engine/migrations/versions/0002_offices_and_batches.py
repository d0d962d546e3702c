"""Offices of a region's tree, cases that belong together, members of a batch.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; the application role's rights come by default privileges."""
    op.create_table(
        "office",
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("gb_code", sa.String(length=12), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("liaison", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("pk_office")),
    )
    op.create_table(
        "member",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["case_.id"], name=op.f("fk_member_batch_id")),
        sa.ForeignKeyConstraint(["file_id"], ["person_file.id"], name=op.f("fk_member_file_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_member_case_id")),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_member")),
        sa.UniqueConstraint(
            "batch_id", "file_id", "case_id", name=op.f("uq_member_batch_id_file_id_case_id")
        ),
    )
    op.create_index(op.f("ix_member_file_id"), "member", ["file_id"])
    op.create_index(op.f("ix_member_case_id"), "member", ["case_id"])
    op.add_column("person_file", sa.Column("custodian_id", sa.Uuid(), nullable=True))
    op.add_column("person_file", sa.Column("office", sa.String(length=40), nullable=True))
    op.create_foreign_key(
        op.f("fk_person_file_custodian_id"), "person_file", "unit", ["custodian_id"], ["id"]
    )
    op.create_index(op.f("ix_person_file_custodian_id"), "person_file", ["custodian_id"])
    op.create_index(op.f("ix_person_file_region_id"), "person_file", ["region", "id"])
    op.add_column("case_", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.add_column("case_", sa.Column("office", sa.String(length=40), nullable=True))
    op.add_column(
        "case_",
        sa.Column("offices", sa.ARRAY(sa.String(length=40)), server_default="{}", nullable=False),
    )
    op.alter_column("case_", "offices", server_default=None)
    op.create_foreign_key(op.f("fk_case__parent_id"), "case_", "case_", ["parent_id"], ["id"])
    op.create_index("ix_case__parent", "case_", ["parent_id"])
    op.create_index("ix_case__offices", "case_", ["offices"], postgresql_using="gin")
    op.add_column("work_item", sa.Column("office", sa.String(length=40), nullable=True))
    op.create_index(
        "ix_work_item_office",
        "work_item",
        ["region", "role", "office", "due_at", "id"],
        postgresql_where=sa.text("state = 'open' and office is not null"),
    )
    op.add_column("message_inbox", sa.Column("sender_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_message_inbox_sender_id"), "message_inbox", "case_", ["sender_id"], ["id"]
    )
    op.add_column(
        "role_grant",
        sa.Column("office", sa.String(length=40), server_default="", nullable=False),
    )
    op.alter_column("role_grant", "office", server_default=None)
    op.drop_constraint(op.f("pk_role_grant"), "role_grant")
    op.create_primary_key(
        op.f("pk_role_grant"), "role_grant", ["account_id", "role", "region", "office"]
    )
    # one waiting timer of a kind per person file: two who write the file at once add up to one
    op.create_index(
        "uq_timer_file",
        "timer",
        ["ref"],
        unique=True,
        postgresql_where=sa.text("kind = 'file' and fired_at is null"),
    )
