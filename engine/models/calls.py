"""服务请求: what agencies are asked, each try, and what they said."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class ServiceCall(Base):
    """服务请求: one request to one agency; ``id`` is the idempotency key over all attempts."""

    __tablename__ = "service_call"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    token: Mapped[UUID]
    region: Mapped[str] = mapped_column(String(40))
    operation: Mapped[str] = mapped_column(String(80))
    agency: Mapped[str] = mapped_column(String(40))
    element: Mapped[str] = mapped_column(String(80))
    process: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    item: Mapped[str | None] = mapped_column(String(40))
    section: Mapped[str | None] = mapped_column(String(60))
    office: Mapped[str | None] = mapped_column(String(40))  # who answers; None: the agency has one
    # queued → sending → accepted → succeeded | refused; also unknown | stuck | cancelled
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    # api | file | manual, decided at the first try; a call handed over stays on its way
    mode: Mapped[str | None] = mapped_column(String(10))
    request_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    patience: Mapped[int | None] = mapped_column(SmallInteger)  # attempts before UNAVAILABLE
    reason_code: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_service_call_case", "case_id"),
        Index(
            "ix_service_call_live",
            "state",
            "changed_at",
            postgresql_where=text("finished_at is null"),
        ),
        Index(
            "ix_service_call_waiting",
            "region",
            "agency",
            postgresql_where=text("mode = 'file' and state = 'queued'"),
        ),
        CheckConstraint(
            "state in ('queued','sending','accepted','succeeded','refused','unknown','stuck',"
            "'cancelled')",
            name="state",
        ),
    )


class ServiceAttempt(Base):
    """One try at one service call: when, how it ended, what was said."""

    __tablename__ = "service_attempt"
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # send | ask | cancel
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(400))


class Feedback(Base):
    """反馈: an agency's answer exactly as it came, stored before anything is done with it."""

    __tablename__ = "feedback"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"))
    channel: Mapped[str] = mapped_column(String(10))  # reply | callback | ask | file | manual
    raw_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    # stored → applied | noted | duplicate | late | unreadable
    state: Mapped[str] = mapped_column(String(12))
    __table_args__ = (
        Index(None, "call_id"),
        Index("ix_feedback_stored", "received_at", postgresql_where=text("state = 'stored'")),
    )
