"""消息和通知: what cases wait for, what came, and what people were told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Subscription(Base):
    """A wait for one message with one business key."""

    __tablename__ = "subscription"
    token: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    message: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str] = mapped_column(String(80))
    element: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    __table_args__ = (Index(None, "message", "business_key"), Index(None, "case_id"))


class MessageInbox(Base):
    """A message that came; one that came early waits here for its receiver."""

    __tablename__ = "message_inbox"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    message: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))  # waiting | delivered | expired
    case_id: Mapped[UUID | None]  # that received it
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    __table_args__ = (
        Index(None, "message", "business_key", postgresql_where=text("state = 'waiting'")),
    )


class Notice(Base):
    """A message to a person or unit, kept as it was sent."""

    __tablename__ = "notice"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    template: Mapped[str] = mapped_column(String(60))
    audience: Mapped[str] = mapped_column(String(10))  # person | unit | custodian | clerk
    title: Mapped[str] = mapped_column(String(120))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    channel: Mapped[str] = mapped_column(String(10))  # sms | inbox
    state: Mapped[str] = mapped_column(String(10))  # queued | sent | failed
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    call_id: Mapped[UUID | None]  # that is to deliver it, for sms
    __table_args__ = (
        Index(None, "case_id"),
        Index("ix_notice_call", "call_id", postgresql_where=text("state = 'queued'")),
    )
