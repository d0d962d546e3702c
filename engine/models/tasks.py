"""待办: what somebody has to do, and what they have typed so far."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
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

#: A due time as lists order it (NX-072); a day begins in China.
RANK = (
    "case when priority > 0 then date_trunc('day', due_at at time zone 'Asia/Shanghai')"
    " at time zone 'Asia/Shanghai' else due_at end"
)


class WorkItem(Base):
    """待办: one row of the worklist. What it shows of the case is copied, so lists need no join."""

    __tablename__ = "work_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    token: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(10))  # user | call
    call_id: Mapped[UUID | None]
    region: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    office: Mapped[str | None] = mapped_column(String(40))  # None: the region has one for all
    agency: Mapped[str | None] = mapped_column(String(40))
    process: Mapped[str] = mapped_column(String(80))  # the diagram it stands in
    # the process its case runs: an operator may be kept out of some
    case_process: Mapped[str] = mapped_column(String(80), default="", server_default="")
    element: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(120))
    section: Mapped[str] = mapped_column(String(60))
    item: Mapped[str | None] = mapped_column(String(40))
    case_no: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10))  # open | done | cancelled
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    claimed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(Boolean)
    stage: Mapped[str | None] = mapped_column(String(40))  # 阶段, where the region has some
    priority: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # 1: first
    # where it stands in lists: by due time, those with priority before all others of their day
    rank_at: Mapped[datetime | None] = mapped_column(Computed(RANK, persisted=True))
    handed_by: Mapped[str | None] = mapped_column(String(160))  # who handed it on to its holder
    handed_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # and why
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    submit_key: Mapped[str | None] = mapped_column(String(64))  # a repeat of this one is harmless
    revision: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        # designed for 200,000 open rows: every list below is one index range
        Index(
            "ix_work_item_pool",
            "region",
            "role",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_work_item_office",
            "region",
            "role",
            "office",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open' and office is not null"),
        ),
        Index(
            "ix_work_item_element",
            "region",
            "role",
            "element",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_work_item_mine",
            "claimed_by",
            "rank_at",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_work_item_no", "case_no", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_subject", "subject", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_unit", "unit_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_file", "file_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_done", "closed_by", "closed_at"),
        Index("ix_work_item_case", "case_id"),
        Index("uq_work_item_token", "token", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("state in ('open', 'done', 'cancelled')", name="state"),
    )


class Draft(Base):
    """Answers saved without being checked; kept per work item and author."""

    __tablename__ = "draft"
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    answers_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]
