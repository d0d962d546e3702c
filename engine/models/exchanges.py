"""名册: lists that travel to agencies and workbooks that come in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Exchange(Base):
    """名册: a numbered list with which requests were handed to an agency, on paper or as a file.

    ``content_sealed`` is the file exactly as it was exported, under the list's own key.
    """

    __tablename__ = "exchange"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    agency: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))  # file | paper
    no: Mapped[int] = mapped_column(Integer)
    calls: Mapped[int] = mapped_column(Integer)
    cancellations: Mapped[int] = mapped_column(Integer)
    exported_at: Mapped[datetime]
    exported_by: Mapped[str] = mapped_column(String(80))
    data_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("data_key.id"))
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # the department's liaison when it was signed for; until then, whoever is it today
    addressed_to: Mapped[str] = mapped_column(String(60), default="", server_default="")
    received_by: Mapped[str | None] = mapped_column(String(60))  # who signed for it
    received_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("region", "agency", "kind", "no"),)


class ExchangeLine(Base):
    """A line of a list: a request (``new``), or that one is no longer wanted (``cancel``)."""

    __tablename__ = "exchange_line"
    exchange_id: Mapped[UUID] = mapped_column(ForeignKey("exchange.id"), primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("service_call.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # new | cancel
    position: Mapped[int] = mapped_column(Integer)
    __table_args__ = (Index(None, "call_id"),)


class Upload(Base):
    """A table from outside, worked through row by row: a result file, or a roster of people.

    ``ref`` is the exchange it answers or the code of the roster. It is looked through first,
    confirmed by a person, then applied by a job that goes on where it was interrupted.
    """

    __tablename__ = "upload"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str] = mapped_column(String(10))  # result | roster | apply
    region: Mapped[str] = mapped_column(String(40))
    ref: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    full: Mapped[bool] = mapped_column(Boolean)  # everybody is in it, or only what changed
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    worked_at: Mapped[datetime | None]  # the last sign of life of the job
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "purpose", "region", "ref", "id"),
        Index(
            "ix_upload_open",
            "worked_at",
            postgresql_where=text("confirmed_at is not null and finished_at is null"),
        ),
    )


class UploadRow(Base):
    """What became of one row of an upload; ``note_sealed`` says what is wrong and where."""

    __tablename__ = "upload_row"
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    sheet: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    # ready → applied | noted | duplicate | late | wrong; also empty
    state: Mapped[str] = mapped_column(String(10))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
