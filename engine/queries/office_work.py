"""科室办件: all open tasks of the offices somebody supervises, by whoever holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from engine.access import OF_UNITS, Actor, workable
from engine.clock import office_date
from engine.colleagues import Colleague
from engine.covers import Away, away
from engine.errors import Forbidden
from engine.models import Account, WorkItem
from engine.packs.region import OUTSIDE, Role
from engine.queries.worklist import (
    Page,
    beyond,
    by_due_time,
    due_soon,
    first_of_each,
    overdue,
    page_of,
)
from engine.runtime import Runtime
from engine.team import supervised, team

#: The roles whose work an office does.
_OF_OFFICES = sorted(set(get_args(Role)) - OUTSIDE - OF_UNITS)

Urgency = Literal["", "overdue", "due_soon"]


@dataclass(frozen=True)
class HolderLine:
    """What one colleague holds; without ``account_id``: what nobody has taken yet."""

    account_id: UUID | None
    title: str
    held: int
    overdue: int
    due_soon: int
    away: Away | None = None


@dataclass(frozen=True)
class OfficeWork:
    """The figures by holder, those with most overdue first, and one page of tasks."""

    lines: Sequence[HolderLine]
    page: Page
    holders: Mapping[UUID | None, str]


def supervises(actor: Actor) -> bool:
    """Whether the actor looks after anybody's work."""
    return actor.kind == "staff" and bool(supervised(actor, _OF_OFFICES))


def office_work(
    runtime: Runtime,
    actor: Actor,
    holder: str = "",
    urgency: Urgency = "",
    after: str = "",
    size: int = 50,
) -> OfficeWork:
    """Read the open tasks of the actor's offices.

    Args:
        holder: the account of a colleague, ``pool`` for what nobody holds; empty: all.
        urgency: only what is past due, or due within a day; empty: all.
        after: the cursor the page before gave.

    Raises:
        Forbidden: the actor supervises nobody.
    """
    if not supervises(actor):
        raise Forbidden("您的岗位没有查看科室办件的权限。")
    seer, now = _seer(actor), runtime.clock.now()
    with runtime.reading() as session:
        members = {one.id: one for one in team(session, actor)}
        lines = _lines(runtime, session, seer, members)
        rows = session.scalars(_tasks(seer, holder, urgency, after, size + 1, now)).all()
    return OfficeWork(lines, page_of(rows, size), {one.account_id: one.title for one in lines})


def _seer(actor: Actor) -> Actor:
    """Somebody who had every role the actor supervises, there: what they could do is listed."""
    return replace(actor, grants=supervised(actor, _OF_OFFICES))


def _lines(
    runtime: Runtime, session: Session, seer: Actor, members: Mapping[UUID, Colleague]
) -> list[HolderLine]:
    now = runtime.clock.now()
    rows = session.execute(
        select(
            WorkItem.claimed_by,
            func.count(),
            func.count().filter(overdue(now)),
            func.count().filter(due_soon(now)),
        )
        .where(WorkItem.state == "open", workable(seer))
        .group_by(WorkItem.claimed_by)
    )
    counted = {row[0]: (row[1], row[2], row[3]) for row in rows}
    nothing = (0, 0, 0)
    names = {one.id: one.title for one in members.values()}
    others = [one for one in counted if one is not None and one not in names]
    if others:  # works elsewhere, or no longer, and holds something of these offices all the same
        found = session.execute(select(Account.id, Account.name).where(Account.id.in_(others)))
        names |= dict(found.all())
    absent = away(session, names, office_date(now))
    lines = [
        HolderLine(one, title, *counted.get(one, nothing), away=absent.get(one))
        for one, title in names.items()
    ]
    lines.sort(key=lambda line: (-line.overdue, -line.due_soon, -line.held, line.title))
    return [HolderLine(None, "待领取", *counted.get(None, nothing)), *lines]


def _tasks(
    seer: Actor, holder: str, urgency: Urgency, after: str, rows: int, now: datetime
) -> Select[WorkItem]:
    which = {"": true(), "overdue": overdue(now), "due_soon": due_soon(now)}[urgency]
    wanted = and_(WorkItem.state == "open", which, _held(holder))
    wanted &= beyond(WorkItem.rank_at, after, descending=False)
    if holder in ("", "pool"):
        found = first_of_each(seer.grants, wanted, rows)
    else:
        found = and_(workable(seer), wanted)
    return by_due_time(select(WorkItem).where(found)).limit(rows)


def _held(holder: str) -> ColumnElement[bool]:
    if holder == "pool":
        return WorkItem.claimed_by.is_(None)
    try:
        return WorkItem.claimed_by == UUID(holder) if holder else true()
    except ValueError:
        return WorkItem.id.is_(None)  # nobody is called so
