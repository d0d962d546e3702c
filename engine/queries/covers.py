"""请假代办: who is away and who works for them, and what was done meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.access import Actor, visible, workable
from engine.clock import office_date
from engine.colleagues import Colleague
from engine.covers import between
from engine.errors import NotFound
from engine.models import Account, Case, Cover, WorkItem
from engine.runtime import Runtime
from engine.team import stand_ins, team

#: The newest so many are listed; more than a year of a large office.
_MOST = 100
_MOST_DONE = 500


@dataclass(frozen=True)
class CoverLine:
    """A cover in words; ``state``: not begun yet, going on, or over."""

    cover: Cover
    absent: str
    by: str
    state: Literal["ahead", "now", "over"]
    done: int
    may_end: bool


@dataclass(frozen=True)
class Covering:
    """Somebody the actor works for today, and how much of theirs is open."""

    account_id: UUID
    name: str
    open: int


@dataclass(frozen=True)
class CoverChoice:
    """For whom the actor may say who covers, and who could."""

    absent: Sequence[Colleague]
    stand_ins: Sequence[Colleague]


def covers(runtime: Runtime, actor: Actor) -> Sequence[CoverLine]:
    """List the covers of the actor, by the actor, and of those the actor supervises."""
    with runtime.reading() as session:
        led = {one.id for one in team(session, actor)}
        speaks_for = {actor.account_id, *led}
        absent, by = aliased(Account), aliased(Account)
        rows = session.execute(
            select(Cover, absent.name, by.name)
            .join(absent, absent.id == Cover.account_id)
            .join(by, by.id == Cover.by_account_id)
            .where(or_(Cover.account_id.in_(speaks_for), Cover.by_account_id == actor.account_id))
            .order_by(Cover.from_day.desc(), Cover.id.desc())
            .limit(_MOST)
        ).all()
        counted = _done(session, [cover.id for cover, _, _ in rows], actor)
        today = office_date(runtime.clock.now())
        return [
            CoverLine(
                cover=cover,
                absent=away,
                by=stand_in,
                state=_state(cover, today),
                done=counted.get(cover.id, 0),
                may_end=_state(cover, today) != "over" and cover.account_id in speaks_for,
            )
            for cover, away, stand_in in rows
        ]


def cover_report(
    runtime: Runtime, cover_id: UUID, actor: Actor
) -> tuple[CoverLine, Sequence[WorkItem]]:
    """What was done in place of whoever was away, newest first.

    Raises:
        NotFound: no such cover, or it does not concern the actor.
    """
    line = next((one for one in covers(runtime, actor) if one.cover.id == cover_id), None)
    if line is None:
        raise NotFound
    with runtime.reading() as session:
        done = (
            select(WorkItem)
            .join(Cover, _MEANWHILE)
            .join(Case, Case.id == WorkItem.case_id)
            .where(Cover.id == cover_id, visible(actor))
            .order_by(WorkItem.closed_at.desc(), WorkItem.id)
            .limit(_MOST_DONE)
        )
        return line, session.scalars(done).all()


def covering(runtime: Runtime, actor: Actor) -> Sequence[Covering]:
    """Whom the actor works for today, in one statement; usually nobody."""
    today = office_date(runtime.clock.now())
    with runtime.reading() as session:
        rows = session.execute(
            select(Account.id, Account.name, func.count(WorkItem.id))
            .join(Cover, Cover.account_id == Account.id)
            .outerjoin(
                WorkItem,
                (WorkItem.claimed_by == Account.id) & (WorkItem.state == "open") & workable(actor),
            )
            .where(Cover.by_account_id == actor.account_id, between(today, today))
            .group_by(Account.id, Account.name)
            .order_by(Account.name, Account.id)
        )
        return [Covering(*row) for row in rows]


def cover_choice(runtime: Runtime, actor: Actor, account_id: UUID) -> CoverChoice:
    """Whom the actor may choose: who is away (none but themselves: no choice), and who covers.

    Args:
        account_id: who is away.
    """
    with runtime.reading() as session:
        led = team(session, actor)
        known = account_id == actor.account_id or any(one.id == account_id for one in led)
        return CoverChoice(led, stand_ins(session, account_id) if known else [])


def _done(session: Session, ids: Sequence[UUID], actor: Actor) -> dict[UUID, int]:
    """How much was done during each of some covers, of what the actor may see."""
    rows = session.execute(
        select(Cover.id, func.count())
        .join(WorkItem, _MEANWHILE)
        .join(Case, Case.id == WorkItem.case_id)
        .where(Cover.id.in_(ids), visible(actor))
        .group_by(Cover.id)
    )
    return dict(rows.all())


def _state(cover: Cover, today: date) -> Literal["ahead", "now", "over"]:
    if cover.ended_at is not None or cover.until_day < today:
        return "over"
    return "ahead" if cover.from_day > today else "now"


def _midnight(day: Any) -> ColumnElement[datetime]:
    return func.timezone("Asia/Shanghai", cast(day, DateTime))


#: Tasks the absent held and the colleague completed while the cover held.
_MEANWHILE = and_(
    WorkItem.closed_by == Cover.by_account_id,
    WorkItem.claimed_by == Cover.account_id,
    WorkItem.state == "done",
    WorkItem.closed_at >= _midnight(Cover.from_day),
    WorkItem.closed_at < func.coalesce(Cover.ended_at, _midnight(Cover.until_day + 1)),
)
