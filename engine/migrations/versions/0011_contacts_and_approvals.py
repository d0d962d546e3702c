"""联络员, 督办件, 公开内容, 导出审批; what comes first in worklists, and in which stage it is.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
#: A due time as lists order it; ``engine.models.RANK`` as it was then.
RANK = (
    "case when priority > 0 then date_trunc('day', due_at at time zone 'Asia/Shanghai')"
    " at time zone 'Asia/Shanghai' else due_at end"
)
OPEN = "state = 'open'"
#: Lists of open work items: name → columns before the order, and which rows.
LISTS = {
    "ix_work_item_pool": (["region", "role"], OPEN),
    "ix_work_item_office": (["region", "role", "office"], f"{OPEN} and office is not null"),
    "ix_work_item_mine": (["claimed_by"], OPEN),
}


def upgrade() -> None:
    """Create the tables; the application's rights on them come with the default privileges."""
    _work_items()
    op.add_column(
        "exchange", sa.Column("addressed_to", sa.String(60), server_default="", nullable=False)
    )
    _liaisons()
    _exports()
    op.create_table(
        "content_version",
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("written_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("region", "key", "version", name=op.f("pk_content_version")),
    )


def _work_items() -> None:
    op.add_column("work_item", sa.Column("stage", sa.String(40), nullable=True))
    op.add_column(
        "work_item",
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "work_item",
        sa.Column("rank_at", INSTANT, sa.Computed(RANK, persisted=True), nullable=True),
    )
    for name, (columns, which) in LISTS.items():
        op.drop_index(name, "work_item")
        op.create_index(
            name, "work_item", [*columns, "rank_at", "id"], postgresql_where=sa.text(which)
        )


def _liaisons() -> None:
    op.create_table(
        "liaison",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("phone", sa.String(60), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_liaison_data_key_id")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_liaison_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_liaison")),
    )
    op.create_index(
        op.f("ix_liaison_region_scope_department_from_date"),
        "liaison",
        ["region", "scope", "department", "from_date"],
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("case_no", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("addressed_to", sa.String(60), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(80), nullable=False),
        sa.Column("reply", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_letter_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    department = ["region", "scope", "department", "id"]
    op.create_index(op.f("ix_letter_case_id"), "letter", ["case_id"])
    op.create_index("ix_letter_department", "letter", department)
    op.create_index(
        "ix_letter_open", "letter", department, postgresql_where=sa.text("closed_at is null")
    )


def _exports() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("ref", sa.String(120), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("purpose", sa.String(400), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_name", sa.String(80), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_name", sa.String(80), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("valid_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_export_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_export_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_asked", "export", ["asked_by", "id"])
    op.create_index("ix_export_region", "export", ["region", "id"])
    op.create_index(
        "ix_export_waiting", "export", ["region"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "export_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["export.id"], name=op.f("fk_export_event_export_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_event")),
    )
    op.create_index(op.f("ix_export_event_region_id"), "export_event", ["region", "id"])
    op.execute(
        "create trigger append_only before update or delete or truncate on export_event"
        " for each statement execute function refuse_change()"
    )
    role = context.config.attributes["application_role"]
    if role != op.get_bind().scalar(sa.text("select current_user")):
        name = op.get_bind().dialect.identifier_preparer.quote(role)
        op.execute(f"revoke update, delete on export_event from {name}")
