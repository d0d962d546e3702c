"""人员和单位: whom cases are about."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class DataKey(Base):
    """The key all data of one person (or person-less case) is sealed under; destroying erases."""

    __tablename__ = "data_key"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


class Person(Base):
    """A retiree. The identity number is stored sealed and found by its blind index."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    name: Mapped[str] = mapped_column(String(60))
    id_no_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_no_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Unit(Base):
    """An employer, a group's subordinate, or a custody institution.

    A subordinate without a pension account of its own is insured under the one of its group
    (JLG-007): its people are its own, its account is the group's.
    """

    __tablename__ = "unit"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="employer")  # employer | custodian
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    own_account: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))


class PersonFile(Base):
    """一人一档: one retiree in one region; cases and reminders hang on it."""

    __tablename__ = "person_file"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    region: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))  # keeps the archive
    office: Mapped[str | None] = mapped_column(String(40))  # of the place where they are insured
    employment: Mapped[str] = mapped_column(String(20))  # employee | flexible
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("person_id", "region"),
        Index(None, "unit_id"),
        Index(None, "custodian_id"),
        Index(None, "region", "id"),
    )


class FileSection(Base):
    """A versioned section of a person file, readable by all its cases (e.g. ``prereview``)."""

    __tablename__ = "file_section"
    file_id: Mapped[UUID] = mapped_column(ForeignKey("person_file.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]
