"""发布版本: what a region runs by, frozen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Release(Base):
    """发布版本: an immutable snapshot of a region pack; ``id`` is the hash of its manifest."""

    __tablename__ = "release"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    region: Mapped[str] = mapped_column(String(40))
    manifest: Mapped[dict[str, Any]]  # path → blob hash
    created_at: Mapped[datetime]


class Blob(Base):
    """A file of a release, or something built from one, named by the hash of its content."""

    __tablename__ = "blob"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CompiledProcess(Base):
    """A process of a release as SpiffWorkflow's serializer wrote it; made once, then cached."""

    __tablename__ = "compiled_process"
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"), primary_key=True)
    process: Mapped[str] = mapped_column(String(80), primary_key=True)
    serializer: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RegionActivation(Base):
    """From ``active_from`` on, new cases of the region begin with this release."""

    __tablename__ = "region_activation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(40))
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"))
    active_from: Mapped[datetime]
    __table_args__ = (Index(None, "region", "active_from"),)
