"""待办: lists of work items, a page at a time, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from engine.access import Actor, Grant, workable
from engine.models import WorkItem
from engine.runtime import Runtime

View = Literal["mine", "pool", "due_soon", "overdue", "done"]


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means all."""

    region: str = ""
    element: str = ""
    item: str = ""
    subject: str = ""
    case_no: str = ""
    stage: str = ""
    priority: str = ""


@dataclass(frozen=True)
class Page:
    """One page of a list; ``after`` is the cursor of the next page, empty at the end."""

    rows: Sequence[WorkItem]
    after: str


@dataclass(frozen=True)
class Counts:
    """The figures above a worklist; each equals the length of the list it names."""

    mine: int
    pool: int
    overdue: int
    due_soon: int


def worklist(
    runtime: Runtime,
    actor: Actor,
    view: View = "pool",
    filters: Filters = Filters(),
    after: str = "",
    size: int = 50,
) -> Page:
    """List tasks the actor may do, earliest due first (done: latest first).

    Among those due on one day, those with priority come before all others (NX-072).

    Args:
        view: ``mine`` claimed by the actor; ``pool`` nobody's; ``due_soon`` either, due within a
            day; ``overdue`` either, past due; ``done`` what the actor completed.
        after: the cursor the page before gave.
        size: rows per page, at most 200.
    """
    size = max(1, min(size, 200))
    with runtime.reading() as session:
        rows = session.scalars(_first_rows(actor, view, filters, after, size + 1, runtime)).all()
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _cursor(rows[-1], view) if more else "")


def counts(runtime: Runtime, actor: Actor) -> Counts:
    """Count what the lists of the actor hold, in one statement."""
    now = runtime.clock.now()
    mine = WorkItem.claimed_by == actor.account_id
    with runtime.reading() as session:
        row = session.execute(
            select(
                func.count().filter(mine),
                func.count().filter(WorkItem.claimed_by.is_(None)),
                func.count().filter(WorkItem.due_at < now),
                func.count().filter(
                    WorkItem.due_at >= now, WorkItem.due_at < now + timedelta(days=1)
                ),
            ).where(WorkItem.state == "open", workable(actor), _free_or(mine))
        ).one()
        return Counts(*row)


def find_task(session: Session, work_item_id: UUID) -> WorkItem | None:
    """Return a work item by id."""
    return session.get(WorkItem, work_item_id)


def _first_rows(
    actor: Actor, view: View, filters: Filters, after: str, rows: int, runtime: Runtime
) -> Select[WorkItem]:
    wanted = and_(_view(actor, view, runtime.clock.now()), _narrow(filters))
    if view == "done":
        wanted &= _beyond(WorkItem.closed_at, after, descending=True)
        newest = WorkItem.closed_at.desc(), WorkItem.id.desc()
        return select(WorkItem).where(wanted).order_by(*newest).limit(rows)
    wanted &= _beyond(WorkItem.rank_at, after, descending=False)
    by_due_time = WorkItem.rank_at.asc().nulls_last(), WorkItem.id
    if view == "mine" or not actor.grants:
        found = and_(workable(actor), wanted)
    else:
        # The first rows of each right, each from one index range that is already in order. Asked
        # for all rights at once, PostgreSQL would sort every open row there is.
        whole = [grant for grant in actor.grants if not grant.office]
        part = [grant for grant in actor.grants if grant.office]
        first = select(WorkItem.id).where(wanted).order_by(*by_due_time).limit(rows)
        of_each = [_of_each(grants, first) for grants in (whole, part) if grants]
        # one list of ids, not one or the other: with an "or" every row would be read
        found = WorkItem.id.in_(union_all(*of_each) if len(of_each) > 1 else of_each[0])
    return select(WorkItem).where(found).order_by(*by_due_time).limit(rows)


def _of_each(grants: Sequence[Grant], first: Select[Any]) -> Select[Any]:
    """The first rows of each of some rights, which are all for offices or all for whole regions.

    Rights travel as arrays, so that SQLAlchemy compiles the query once.
    """
    arrays = zip(*sorted(grants), strict=True)
    rows = func.unnest(*(literal(list(values), ARRAY(String)) for values in arrays))
    columns = (column(name, String) for name in Grant._fields)
    rights = rows.table_valued(*columns, name="rights").render_derived()
    first = first.where(WorkItem.role == rights.c.role, WorkItem.region == rights.c.region)
    if grants[0].office:
        first = first.where(WorkItem.office == rights.c.office)
    of_each = first.correlate(rights).lateral("first")
    return select(of_each.c.id).select_from(rights.join(of_each, true()))


def _free_or(mine: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(WorkItem.claimed_by.is_(None), mine)


def _view(actor: Actor, view: View, now: datetime) -> ColumnElement[bool]:
    if view == "done":
        return and_(WorkItem.closed_by == actor.account_id, WorkItem.state == "done")
    mine = WorkItem.claimed_by == actor.account_id
    which = {
        "mine": mine,
        "pool": WorkItem.claimed_by.is_(None),
        # what stands before its due time stands so by less than a day: one range of the index
        "due_soon": and_(
            _free_or(mine),
            WorkItem.due_at >= now,
            WorkItem.due_at < now + timedelta(days=1),
            WorkItem.rank_at > now - timedelta(days=1),
            WorkItem.rank_at < now + timedelta(days=1),
        ),
        "overdue": and_(_free_or(mine), WorkItem.due_at < now, WorkItem.rank_at < now),
    }[view]
    return and_(WorkItem.state == "open", which)


def _narrow(filters: Filters) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if filters.region:
        conditions.append(WorkItem.region == filters.region)
    if filters.element:
        conditions.append(WorkItem.element == filters.element)
    if filters.item:
        conditions.append(WorkItem.item == filters.item)
    if filters.subject:
        conditions.append(WorkItem.subject == filters.subject)
    if filters.case_no:
        conditions.append(WorkItem.case_no == filters.case_no)
    if filters.stage:
        conditions.append(WorkItem.stage == filters.stage)
    if filters.priority:
        conditions.append(WorkItem.priority > 0)
    return and_(*conditions)


def _cursor(row: WorkItem, view: View) -> str:
    moment = row.closed_at if view == "done" else row.rank_at
    return f"{moment.isoformat() if moment else '-'}~{row.id}"


def _beyond(key: Any, after: str, *, descending: bool) -> ColumnElement[bool]:
    if not after:
        return true()
    text, _, raw_id = after.partition("~")
    try:
        last_id = UUID(raw_id)
        last = None if text == "-" else datetime.fromisoformat(text)
    except ValueError:
        return WorkItem.id.is_(None)  # a made-up cursor has no next page
    if descending:
        return or_(key < last, and_(key == last, WorkItem.id < last_id))
    if last is None:
        return and_(key.is_(None), WorkItem.id > last_id)
    return or_(key > last, and_(key == last, WorkItem.id > last_id), key.is_(None))
