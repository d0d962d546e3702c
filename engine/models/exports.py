"""导出: lists of persons that were asked for, approved and taken out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Export(Base):
    """导出申请: somebody wants a list of persons out of the system, and somebody else lets them.

    ``offices``: whose people are in it; none: the whole region's.
    """

    __tablename__ = "export"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    offices: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    kind: Mapped[str] = mapped_column(String(20))  # what is exported; ``ref`` names which
    ref: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(10))  # waiting | approved | refused
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_name: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_name: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
    valid_until: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_export_asked", "asked_by", "id"),
        Index("ix_export_region", "region", "id"),
        Index("ix_export_waiting", "region", postgresql_where=text("state = 'waiting'")),
    )


class ExportEvent(Base):
    """导出记录: who took which list out, or asked, or decided. Append-only."""

    __tablename__ = "export_event"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    export_id: Mapped[UUID | None] = mapped_column(ForeignKey("export.id"))
    region: Mapped[str] = mapped_column(String(40))
    offices: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(12))  # asked | approved | refused | downloaded
    title: Mapped[str] = mapped_column(String(160))
    note: Mapped[str] = mapped_column(String(400), default="")
    __table_args__ = (Index(None, "region", "id"),)
