"""联络员: who a department is spoken to through, and what was sent to them."""

from datetime import date, datetime
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


class Liaison(Base):
    """联络员: who takes what is handed to a department, from a day on; the latest counts (ZY-027).

    ``scope``: ``agency`` or ``office``, of which ``department`` is the code. Earlier ones are kept.
    """

    __tablename__ = "liaison"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(10))
    department: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(60), default="")
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    mobile_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))  # of their own
    from_date: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(80))
    __table_args__ = (Index(None, "region", "scope", "department", "from_date"),)


class Letter(Base):
    """督办件: what a department's liaison has to look after: overdue, returned, or failed (ZY-066).

    An open one goes to whoever is the liaison today; ``addressed_to`` is written when it is closed.
    """

    __tablename__ = "letter"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(10))  # agency | office
    department: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))  # overdue | returned | failed
    title: Mapped[str] = mapped_column(String(160))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    case_no: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[datetime]
    addressed_to: Mapped[str] = mapped_column(String(60), default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(80), default="")
    reply: Mapped[str] = mapped_column(String(400), default="")
    __table_args__ = (
        Index(None, "case_id"),
        Index(
            "ix_letter_open",
            "region",
            "scope",
            "department",
            "id",
            postgresql_where=text("closed_at is null"),
        ),
        Index("ix_letter_department", "region", "scope", "department", "id"),
    )
