"""办公桌: what staff arrange among themselves about their work."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Cover(Base):
    """请假代办: from ``from_day`` until ``until_day``, both included, one works for another."""

    __tablename__ = "cover"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))  # who is away
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))  # who covers
    from_day: Mapped[date]
    until_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(20))  # of ``REASONS``
    set_by: Mapped[str] = mapped_column(String(160))
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # ended before its last day was over
    __table_args__ = (
        Index("ix_cover_absent", "account_id", "until_day"),
        Index("ix_cover_by", "by_account_id", "until_day"),
    )
