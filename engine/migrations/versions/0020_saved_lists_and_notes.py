"""Lists kept by name, notes on cases, and who was mentioned in one.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

#: Of staff who may see the case; what offices write to each other is not for applicants.
NOTES = """
    exists (select 1 from case_ o where o.id = note.case_id
             and o.region = any ((select scope_regions())::text[]))
"""
MENTIONS = "exists (select 1 from note o where o.id = mention.note_id)"


def upgrade() -> None:
    """Nothing was kept or noted yet."""
    op.create_index(
        "ix_work_item_element",
        "work_item",
        ["region", "role", "element", "rank_at", "id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        _account("saved_view"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_view_account_id_name")),
    )
    op.create_index(
        "uq_saved_view_default",
        "saved_view",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(160), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("taken_back_at", INSTANT, nullable=True),
        _account("note"),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_note_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_case", "note", ["case_id", "written_at"])
    op.create_table(
        "mention",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        _account("mention"),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_mention_note_id")),
        sa.PrimaryKeyConstraint("note_id", "account_id", name=op.f("pk_mention")),
    )
    op.create_index("ix_mention_account", "mention", ["account_id", "note_id"])
    role = context.config.attributes["application_role"]
    quoted = op.get_bind().dialect.identifier_preparer.quote(role)
    for table, rows in (("note", NOTES), ("mention", MENTIONS)):
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy scope on {table} to {quoted}"
            f" using ((select scope_everything()) or {rows})"
            f" with check ((select scope_everything()) or {rows})"
        )


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")
    )
