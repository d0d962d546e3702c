"""附件和文书: files handed in and papers issued."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Attachment(Base):
    """附件: a file somebody handed in, named by the hash of its content.

    Before its case exists (a start form) it hangs on the account and is sealed under a key of its
    own; with the case it comes under the case's key. ``kept_at``: since when an answer refers to
    it; a file that nothing refers to is thrown away after a while.
    """

    __tablename__ = "attachment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_file.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    uploaded_by: Mapped[str] = mapped_column(String(80))
    uploaded_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    kept_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_attachment_case", "case_id"),
        Index("ix_attachment_file", "file_id"),
        Index("ix_attachment_loose", "account_id", postgresql_where=text("case_id is null")),
        Index("ix_attachment_unkept", "uploaded_at", postgresql_where=text("kept_at is null")),
    )


class Document(Base):
    """文书: an official document exactly as it was issued; never rendered again."""

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_file.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    key: Mapped[str] = mapped_column(String(60))
    item: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80))
    audience: Mapped[str] = mapped_column(String(60))  # person, unit, agency, office; by spaces
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(SmallInteger)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    __table_args__ = (Index("ix_document_case", "case_id"), Index("ix_document_file", "file_id"))


class DocumentNumber(Base):
    """The last number given out in a series of documents, per region and year: without gaps."""

    __tablename__ = "document_number"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    series: Mapped[str] = mapped_column(String(80), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
