"""办件: a case, its data, items, history and what went wrong."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY  # the general one knows no overlap
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Case(Base):
    """办件: one running process. Everything that changes it locks this row first."""

    __tablename__ = "case_"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    no: Mapped[str] = mapped_column(String(32), unique=True)
    region: Mapped[str] = mapped_column(String(40))
    process: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"))
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_file.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[str] = mapped_column(String(120))  # whom the case is about, for lists
    applicant: Mapped[str] = mapped_column(String(10))  # unit | custodian | person
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))  # whose message began it
    office: Mapped[str | None] = mapped_column(String(40))  # where it is at home
    offices: Mapped[list[str]] = mapped_column(ARRAY(String(40)))  # all that ever had a task in it
    channel: Mapped[str] = mapped_column(String(20))
    channel_code: Mapped[str | None] = mapped_column(String(40))  # of ``[channels]`` (JLG-001)
    status: Mapped[str] = mapped_column(String(10))  # running | closed
    outcome: Mapped[str | None] = mapped_column(String(80))
    outcome_title: Mapped[str | None] = mapped_column(String(120))
    started_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer)
    event_count: Mapped[int] = mapped_column(Integer)
    event_hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        Index("ix_case__region_status", "region", "status", "id"),
        Index(
            "ix_case__closed",
            "region",
            "closed_at",
            postgresql_where=text("closed_at is not null"),
        ),
        Index("ix_case__subject", "subject", "id"),
        Index("ix_case__file", "file_id"),
        Index("ix_case__unit", "unit_id", "status", "id"),
        Index("ix_case__parent", "parent_id"),
        Index("ix_case__offices", "offices", postgresql_using="gin"),
        CheckConstraint("status in ('running', 'closed')", name="status"),
    )


class CaseNumber(Base):
    """The last number given out per region and day."""

    __tablename__ = "case_number"
    prefix: Mapped[str] = mapped_column(String(24), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class CaseState(Base):
    """The process engine's state of a case: bytes, never jsonb (key order carries meaning)."""

    __tablename__ = "case_state"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    serializer: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CaseSection(Base):
    """A versioned section of case data; every write is a new version with author and time."""

    __tablename__ = "case_section"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]


class Item(Base):
    """联办事项: one agency's matter inside a case, with its own state."""

    __tablename__ = "item"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    agency: Mapped[str] = mapped_column(String(40))
    office: Mapped[str | None] = mapped_column(String(40))  # of the agency, where it has several
    state: Mapped[str] = mapped_column(String(30))
    round: Mapped[int] = mapped_column(SmallInteger)
    condition_met_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))
    changed_at: Mapped[datetime]


class Member(Base):
    """One of those a batch case is about: a person file, and its case where cases are gathered."""

    __tablename__ = "member"
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("person_file.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    __table_args__ = (
        UniqueConstraint("batch_id", "file_id", "case_id"),
        Index(None, "file_id"),
        Index(None, "case_id"),
    )


class Incident(Base):
    """异常: work that automation gave up on. The case stays alive."""

    __tablename__ = "incident"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    kind: Mapped[str] = mapped_column(String(20))  # call | message | timer
    ref: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(String(400))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(String(400))
    __table_args__ = (
        Index("ix_incident_open", "opened_at", postgresql_where=text("closed_at is null")),
        Index("ix_incident_case", "case_id"),
    )


class CaseEvent(Base):
    """One line of a case's history. Append-only; each line's hash covers the line before it."""

    __tablename__ = "case_event"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    element: Mapped[str | None] = mapped_column(String(80))
    item: Mapped[str | None] = mapped_column(String(40))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("case_id", "seq"),)
