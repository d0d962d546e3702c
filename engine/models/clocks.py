"""定时和时限: when something is due."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Timer(Base):
    """Something that is to happen at ``due_at``: one table for all kinds."""

    __tablename__ = "timer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))  # bpmn | rung | remind | retry | cancel | file
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))
    # token of the wait; region/process for start; person file/code for file
    ref: Mapped[str] = mapped_column(String(120))
    detail: Mapped[str | None] = mapped_column(String(40))  # which rung, which call
    due_at: Mapped[datetime]
    set_at: Mapped[datetime | None]  # when it was worked out: the same expression, the same now
    queued_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_timer_due", "due_at", postgresql_where=text("fired_at is null")),
        Index("ix_timer_case", "case_id", postgresql_where=text("fired_at is null")),
        Index(
            "uq_timer_file",
            "ref",
            unique=True,
            postgresql_where=text("kind = 'file' and fired_at is null"),
        ),
    )


class Deadline(Base):
    """时限: a promised due time. Budget and pauses are kept, so that it can be worked out again."""

    __tablename__ = "deadline"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_.id"))
    token: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    item: Mapped[str | None] = mapped_column(String(40))
    role: Mapped[str | None] = mapped_column(String(20))
    budget: Mapped[int] = mapped_column(SmallInteger)
    unit: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_days: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    legal_due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(10))  # running | paused | met | missed | cancelled
    ended_at: Mapped[datetime | None]

    @property
    def shown_at(self) -> datetime:
        """The earlier of promise and legal ceiling: what people are shown (rules R9)."""
        return min(self.due_at, self.legal_due_at or self.due_at)

    __table_args__ = (
        Index("ix_deadline_case", "case_id"),
        Index("ix_deadline_token", "token"),
        Index("ix_deadline_open", "due_at", postgresql_where=text("ended_at is null")),
    )
