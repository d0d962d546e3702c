"""Numbered lists handed to agencies; tables from outside, worked through row by row.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; the application's rights on them come with the default privileges."""
    op.create_table(
        "exchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("cancellations", sa.Integer(), nullable=False),
        sa.Column("exported_at", INSTANT, nullable=False),
        sa.Column("exported_by", sa.String(80), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_by", sa.String(60), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_exchange_data_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
        sa.UniqueConstraint(
            "region", "agency", "kind", "no", name=op.f("uq_exchange_region_agency_kind_no")
        ),
    )
    op.create_table(
        "exchange_line",
        sa.Column("exchange_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchange.id"], name=op.f("fk_exchange_line_exchange_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["service_call.id"], name=op.f("fk_exchange_line_call_id")
        ),
        sa.PrimaryKeyConstraint("exchange_id", "call_id", "kind", name=op.f("pk_exchange_line")),
    )
    op.create_index(op.f("ix_exchange_line_call_id"), "exchange_line", ["call_id"])
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("ref", sa.String(80), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("worked_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["account.id"], name=op.f("fk_upload_uploaded_by")
        ),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_upload_data_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(
        op.f("ix_upload_purpose_region_ref_id"), "upload", ["purpose", "region", "ref", "id"]
    )
    op.create_index(
        "ix_upload_open",
        "upload",
        ["worked_at"],
        postgresql_where=sa.text("confirmed_at is not null and finished_at is null"),
    )
    op.create_table(
        "upload_row",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("sheet", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_row_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "sheet", "number", name=op.f("pk_upload_row")),
    )
