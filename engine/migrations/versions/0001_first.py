"""The first schema: releases, people, cases, work, calls, history; the queue; who may do what.

Revision ID: 0001
"""

from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything, then grant the application role no more than it needs."""
    _tables()
    _append_only()
    _queue()
    _rights(context.config.attributes["application_role"])


def _append_only() -> None:
    """History can be added to and read; nobody changes it, the owner included."""
    op.execute(
        """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
          raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
        end $$;
        create trigger append_only before update or delete or truncate on case_event
          for each statement execute function refuse_change();
        """
    )


def _queue() -> None:
    """Procrastinate's own schema, as the pinned version ships it."""
    schema = files("procrastinate").joinpath("sql/schema.sql").read_text()
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(schema)  # straight to the driver: the text holds '%' and ':'


def _rights(role: str) -> None:
    """The application reads and writes rows, and can neither change tables nor rewrite history."""
    if role == op.get_bind().scalar(sa.text("select current_user")):
        return  # one role for everything: an installation's own choice
    name = op.get_bind().dialect.identifier_preparer.quote(role)
    for statement in (
        f"grant usage on schema public to {name}",
        f"grant select, insert, update, delete on all tables in schema public to {name}",
        f"grant usage, select on all sequences in schema public to {name}",
        f"alter default privileges in schema public grant select, insert, update, delete"
        f" on tables to {name}",
        f"alter default privileges in schema public grant usage, select on sequences to {name}",
        f"revoke update, delete on case_event, release, blob, compiled_process from {name}",
        f"revoke insert, update, delete on alembic_version from {name}",
    ):
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "agency_setting",
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("endpoint", sa.String(length=400), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("region", "agency", name=op.f("pk_agency_setting")),
    )
    op.create_table(
        "blob",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob")),
    )
    op.create_table(
        "case_number",
        sa.Column("prefix", sa.String(length=24), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_case_number")),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "message_inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=80), nullable=False),
        sa.Column("business_key", sa.String(length=80), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_inbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_inbox_message_id")),
    )
    op.create_index(
        op.f("ix_message_inbox_message_business_key"),
        "message_inbox",
        ["message", "business_key"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("uscc", name=op.f("uq_unit_uscc")),
    )
    op.create_table(
        "compiled_process",
        sa.Column("release_id", sa.String(length=64), nullable=False),
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("serializer", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_compiled_process_release_id")
        ),
        sa.PrimaryKeyConstraint(
            "release_id", "process", "serializer", name=op.f("pk_compiled_process")
        ),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("id_no_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_no_index", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_person_data_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("id_no_index", name=op.f("uq_person_id_no_index")),
    )
    op.create_table(
        "region_activation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=64), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_region_activation_release_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_activation")),
    )
    op.create_index(
        op.f("ix_region_activation_region_active_from"),
        "region_activation",
        ["region", "active_from"],
        unique=False,
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("office", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "person_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("employment", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_file_person_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_file_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_file")),
        sa.UniqueConstraint("person_id", "region", name=op.f("uq_person_file_person_id_region")),
    )
    op.create_index(op.f("ix_person_file_unit_id"), "person_file", ["unit_id"], unique=False)
    op.create_table(
        "case_",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("release_id", sa.String(length=64), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("applicant", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("outcome_title", sa.String(length=120), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("status in ('running', 'closed')", name=op.f("ck_case__status")),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_case__data_key_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["person_file.id"], name=op.f("fk_case__file_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_case__release_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case__unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_")),
        sa.UniqueConstraint("no", name=op.f("uq_case__no")),
    )
    op.create_index("ix_case__file", "case_", ["file_id"], unique=False)
    op.create_index("ix_case__region_status", "case_", ["region", "status", "id"], unique=False)
    op.create_index("ix_case__unit", "case_", ["unit_id", "status", "id"], unique=False)
    op.create_table(
        "file_section",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["person_file.id"], name=op.f("fk_file_section_file_id")
        ),
        sa.PrimaryKeyConstraint("file_id", "name", "version", name=op.f("pk_file_section")),
    )
    op.create_table(
        "role_grant",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", "region", name=op.f("pk_role_grant")),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=True),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_case_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_case_event_case_id_seq")),
    )
    op.create_table(
        "case_section",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_case_section_case_id")),
        sa.PrimaryKeyConstraint("case_id", "name", "version", name=op.f("pk_case_section")),
    )
    op.create_table(
        "case_state",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("serializer", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_case_state_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_state")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("budget", sa.SmallInteger(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_days", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("legal_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_deadline_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index("ix_deadline_case", "deadline", ["case_id"], unique=False)
    op.create_index(
        "ix_deadline_open",
        "deadline",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index("ix_deadline_token", "deadline", ["token"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=400), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_incident_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_case", "incident", ["case_id"], unique=False)
    op.create_index(
        "ix_incident_open",
        "incident",
        ["opened_at"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "item",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("condition_met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_item_case_id")),
        sa.PrimaryKeyConstraint("case_id", "code", name=op.f("pk_item")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_case_id"), "notice", ["case_id"], unique=False)
    op.create_table(
        "service_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("section", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("request_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("patience", sa.SmallInteger(), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('queued','sending','accepted','succeeded','refused','unknown','stuck','cancelled')",
            name=op.f("ck_service_call_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_service_call_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_call")),
    )
    op.create_index("ix_service_call_case", "service_call", ["case_id"], unique=False)
    op.create_index(
        "ix_service_call_live",
        "service_call",
        ["state", "changed_at"],
        unique=False,
        postgresql_where=sa.text("finished_at is null"),
    )
    op.create_table(
        "subscription",
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.String(length=80), nullable=False),
        sa.Column("business_key", sa.String(length=80), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_subscription_case_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_case_id"), "subscription", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_subscription_message_business_key"),
        "subscription",
        ["message", "business_key"],
        unique=False,
    )
    op.create_table(
        "timer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.String(length=40), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_timer_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    op.create_index(
        "ix_timer_case",
        "timer",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("fired_at is null"),
    )
    op.create_index(
        "ix_timer_due",
        "timer",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("fired_at is null"),
    )
    op.create_table(
        "work_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("form", sa.String(length=120), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("case_no", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("submit_key", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'done', 'cancelled')", name=op.f("ck_work_item_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_work_item_case_id")),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["account.id"], name=op.f("fk_work_item_claimed_by")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_work_item_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    op.create_index("ix_work_item_case", "work_item", ["case_id"], unique=False)
    op.create_index("ix_work_item_done", "work_item", ["closed_by", "closed_at"], unique=False)
    op.create_index(
        "ix_work_item_file",
        "work_item",
        ["file_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_work_item_mine",
        "work_item",
        ["claimed_by", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_work_item_pool",
        "work_item",
        ["region", "role", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_work_item_unit",
        "work_item",
        ["unit_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_work_item_token",
        "work_item",
        ["token"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "draft",
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_item.id"], name=op.f("fk_draft_work_item_id")
        ),
        sa.PrimaryKeyConstraint("work_item_id", "account_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["service_call.id"], name=op.f("fk_feedback_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_call_id"), "feedback", ["call_id"], unique=False)
    op.create_index(
        "ix_feedback_stored",
        "feedback",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'stored'"),
    )
    op.create_table(
        "service_attempt",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["service_call.id"], name=op.f("fk_service_attempt_call_id")
        ),
        sa.PrimaryKeyConstraint("call_id", "number", name=op.f("pk_service_attempt")),
    )
