"""办公桌: what staff arrange among themselves about their work."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
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


class SavedView(Base):
    """常用筛选: a list of tasks somebody keeps under a name; ``asks`` are its address's arguments.

    Whom a list is about (a name, a number) is not kept: it would outlive its case.
    """

    __tablename__ = "saved_view"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(20))
    asks: Mapped[dict[str, str]] = mapped_column(JSON)
    is_default: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    made_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index(
            "uq_saved_view_default",
            "account_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )


class Note(Base):
    """备注: what staff tell each other about a case, sealed under the case's key.

    Taken back by its author, only who wrote it and when is left.
    """

    __tablename__ = "note"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    author: Mapped[str] = mapped_column(String(160))
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    written_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_note_case", "case_id", "written_at"),)


class Mention(Base):
    """提到: a colleague a note calls by name."""

    __tablename__ = "mention"
    note_id: Mapped[UUID] = mapped_column(ForeignKey("note.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    read_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_mention_account", "account_id", "note_id"),)
