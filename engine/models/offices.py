"""部门和机构: agencies, offices and values set while the installation runs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class AgencySetting(Base):
    """How an agency of a region is reached today; live, not part of a release."""

    __tablename__ = "agency_setting"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    mode: Mapped[str] = mapped_column(String(10))  # api | file | manual
    # what the region's file said when it was last read; empty: not known
    seeded_mode: Mapped[str] = mapped_column(String(10), default="", server_default="")
    endpoint: Mapped[str] = mapped_column(String(400), default="")  # of its own system, for api
    address: Mapped[str] = mapped_column(String(400), default="")  # where people go
    phone: Mapped[str] = mapped_column(String(60), default="")
    hours: Mapped[str] = mapped_column(String(200), default="")


class Office(Base):
    """An office of a region's tree: its place in the tree counts, not the digits of its code.

    ``level``: province | city | county | township | community | counter; ``kind`` is the region's
    own word for what it is, e.g. ``agent``. Live; a region pack only seeds it (JL-061, NX-081).
    """

    __tablename__ = "office"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    parent: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20), default="")
    gb_code: Mapped[str | None] = mapped_column(String(12))
    phone: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(400), default="")
    liaison: Mapped[str] = mapped_column(String(60), default="")  # who takes hand-overs (ZY-027)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class Setting(Base):
    """A value shared by web, worker and sandbox, e.g. the demo clock's offset."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class CalendarYear(Base):
    """工作日历: a year's notice as it was imported; it wins over the file that came with us."""

    __tablename__ = "calendar_year"
    calendar: Mapped[str] = mapped_column(String(40), primary_key=True)  # cn, or an overlay
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    notice: Mapped[Any] = mapped_column(JSON)
    imported_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
