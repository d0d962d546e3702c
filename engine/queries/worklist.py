"""待办: lists of work items, a page at a time, however many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from engine.clock import at, office_date
from engine.covers import covered
from engine.errors import Invalid
from engine.models import PersonFile, Unit, WorkItem
from engine.runtime import Runtime

View = Literal["mine", "pool", "due_soon", "overdue", "done", "cover"]


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means all.

    Args:
        due_from: first day on which something is due, ``2027-05-20``; ``due_until``: the last.
        unit: part of an employer's name.
        person: id of a person; how their identity number is found without standing in an address.
    """

    region: str = ""
    element: str = ""
    item: str = ""
    subject: str = ""
    case_no: str = ""
    stage: str = ""
    priority: str = ""
    due_from: str = ""
    due_until: str = ""
    unit: str = ""
    person: str = ""


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
            day; ``overdue`` either, past due; ``done`` what the actor completed; ``cover`` what
            those hold whom the actor covers for today.
        after: the cursor the page before gave.
        size: rows per page, at most 200.

    Raises:
        Invalid: a day cannot be read; ``errors`` names the filter.
    """
    size = max(1, min(size, 200))
    now = runtime.clock.now()
    with runtime.reading() as session:
        held_by = [actor.account_id]
        if view == "cover":
            held_by = list(covered(session, actor.account_id, office_date(now)))
        which = _view(actor, view, now, held_by)
        which &= _narrow(session, filters)
        rows = session.scalars(_first_rows(actor, view, which, after, size + 1)).all()
    return page_of(rows, size, "closed_at" if view == "done" else "rank_at")


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


def page_of(rows: Sequence[WorkItem], size: int, key: str = "rank_at") -> Page:
    """A page of rows that were read with one more than it shows."""
    if len(rows) <= size:
        return Page(rows, "")
    last = rows[size - 1]
    moment = getattr(last, key)
    return Page(rows[:size], f"{moment.isoformat() if moment else '-'}~{last.id}")


def by_due_time(query: Select[Any]) -> Select[Any]:
    """Rows as lists show them: earliest due first."""
    return query.order_by(WorkItem.rank_at.asc().nulls_last(), WorkItem.id)


def first_of_each(
    grants: Iterable[Grant], wanted: ColumnElement[bool], rows: int
) -> ColumnElement[bool]:
    """Which of the wanted tasks come first for each of some rights, as a condition.

    Each from one index range that is already in order. Asked for all rights at once, PostgreSQL
    would sort every open row there is.
    """
    kinds = [one for one in grants if not one.office], [one for one in grants if one.office]
    first = by_due_time(select(WorkItem.id).where(wanted)).limit(rows)
    of_each = [_of_each(kind, first) for kind in kinds if kind]
    # one list of ids, not one or the other: with an "or" every row would be read
    return WorkItem.id.in_(union_all(*of_each) if len(of_each) > 1 else of_each[0])


def _first_rows(
    actor: Actor, view: View, wanted: ColumnElement[bool], after: str, rows: int
) -> Select[WorkItem]:
    if view == "done":
        wanted &= beyond(WorkItem.closed_at, after, descending=True)
        newest = WorkItem.closed_at.desc(), WorkItem.id.desc()
        return select(WorkItem).where(wanted).order_by(*newest).limit(rows)
    wanted &= beyond(WorkItem.rank_at, after, descending=False)
    if view in ("mine", "cover") or not actor.grants:
        found = and_(workable(actor), wanted)
    else:
        found = first_of_each(actor.grants, wanted, rows)
    return by_due_time(select(WorkItem).where(found)).limit(rows)


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


def due_soon(now: datetime) -> ColumnElement[bool]:
    """Due within a day; what stands before its due time does so by less: one range of an index."""
    day = timedelta(days=1)
    return and_(
        WorkItem.due_at >= now,
        WorkItem.due_at < now + day,
        WorkItem.rank_at > now - day,
        WorkItem.rank_at < now + day,
    )


def overdue(now: datetime) -> ColumnElement[bool]:
    """Past due."""
    return and_(WorkItem.due_at < now, WorkItem.rank_at < now)


def _view(
    actor: Actor, view: View, now: datetime, held_by: Sequence[UUID | None]
) -> ColumnElement[bool]:
    if view == "done":
        return and_(WorkItem.closed_by == actor.account_id, WorkItem.state == "done")
    mine = WorkItem.claimed_by == actor.account_id
    which = {
        "mine": mine,
        "cover": WorkItem.claimed_by.in_(held_by),
        "pool": WorkItem.claimed_by.is_(None),
        "due_soon": and_(_free_or(mine), due_soon(now)),
        "overdue": and_(_free_or(mine), overdue(now)),
    }[view]
    return and_(WorkItem.state == "open", which)


#: Filters that name a column of the same name.
_COLUMNS = ("region", "element", "item", "subject", "case_no", "stage")
#: More employers than this do not share a part of their name that anybody would type.
_MOST_UNITS = 200


def _narrow(session: Session, filters: Filters) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    for name in _COLUMNS:
        if wanted := getattr(filters, name):
            conditions.append(getattr(WorkItem, name) == wanted)
    if filters.priority:
        conditions.append(WorkItem.priority > 0)
    if filters.due_from:
        first = at(_day("due_from", filters.due_from))
        conditions += [WorkItem.due_at >= first, WorkItem.rank_at >= first]
    if filters.due_until:
        end = at(_day("due_until", filters.due_until) + timedelta(days=1))
        conditions += [WorkItem.due_at < end, WorkItem.rank_at < end]
    # read beforehand: knowing the ids, PostgreSQL sees whether they are few
    if filters.unit:
        conditions.append(WorkItem.unit_id.in_(_units(session, filters.unit)))
    if filters.person:
        conditions.append(WorkItem.file_id.in_(_files(session, filters.person)))
    return and_(*conditions)


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
        if not 2000 <= day.year <= 2200:
            raise ValueError
        return day
    except ValueError:
        raise Invalid(errors={name: "日期请写成 2027-05-20 的样子。"}) from None


def _units(session: Session, text: str) -> Sequence[UUID]:
    named = Unit.name.contains(text, autoescape=True)
    return session.scalars(select(Unit.id).where(named).limit(_MOST_UNITS)).all()


def _files(session: Session, person: str) -> Sequence[UUID]:
    try:
        wanted = UUID(person)
    except ValueError:
        return []
    return session.scalars(select(PersonFile.id).where(PersonFile.person_id == wanted)).all()


def beyond(key: Any, after: str, *, descending: bool) -> ColumnElement[bool]:
    """What comes after the cursor of a page; all of it without one."""
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
