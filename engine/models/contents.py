"""公开内容: what offices tell applicants, in versions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class ContentVersion(Base):
    """公开内容: what an office tells people from a day on; earlier ones are kept (JL-024)."""

    __tablename__ = "content_version"
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    effective_from: Mapped[date]
    parts: Mapped[Any] = mapped_column(JSON)  # heading → text
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(80))
