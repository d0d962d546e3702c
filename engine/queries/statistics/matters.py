"""What is counted, as rows: cases, or the joint items inside them.

A figure is a condition on these rows, and so is the list behind it; a number and its list cannot
disagree. Times are told by the clock of the region's offices, days are its working days.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from engine.calendar import DAY, WorkCalendar
from engine.clock import at
from engine.item_states import FINAL
from engine.models import (
    Case,
    CaseEvent,
    Deadline,
    Item,
    Notice,
    ServiceCall,
    WorkItem,
)
from engine.queries.statistics.period import EARLIEST, LATEST
from engine.queries.statistics.scope import Scope

#: Whose own promises are no office's breach: a paper that an applicant brings too late.
_APPLICANTS = ("applicant", "unit", "person", "custodian")
#: An item ended with its case was not closed by its department.
CLOSED_ITEM = FINAL - {"not_selected", "ended"}
#: Of what began longer ago, only the working days of these years are told.
_LONGEST_YEARS = 6


def matters(scope: Scope, of: str, since: date, processes: Sequence[str] | None = None) -> Subquery:
    """Rows of ``cases`` or ``items``, with all of them that were open at some time since a day.

    Columns: ``case_id no subject process item title office begun_at accepted_at ended_at open
    result days late overdue at_risk due_at joint once``.
    """
    wanted = scope.processes if processes is None else processes
    return (_items if of == "items" else _cases)(scope, since, wanted)


def _cases(scope: Scope, since: date, processes: Sequence[str]) -> Subquery:
    promise = _promises(scope, Deadline.case_id == Case.id)
    templates = scope.config.statistics.accepted
    accepted: Any = null().cast(DateTime(timezone=True))
    if templates:
        accepted = (
            select(func.min(Notice.created_at))
            .where(Notice.case_id == Case.id, Notice.template.in_(templates))
            .scalar_subquery()
        )
    joint = _has_item(Item.state.not_in(("not_selected", "ended")))
    query = _columns(
        scope,
        promise,
        item=literal("", String),
        title=Case.title,
        begun=Case.started_at,
        accepted=accepted,
        ended=Case.closed_at,
        is_open=Case.status == "running",
        result=Case.outcome_title,
        joint=joint,
        once=and_(joint, *_at_once(scope)),
    )
    query = query.select_from(Case).join(promise, true())
    if scope.filters.item:
        query = query.where(
            _has_item(Item.code == scope.filters.item, Item.state != "not_selected")
        )
    return _with_days(scope, query.where(*_of_scope(scope, since, processes)), since)


def _items(scope: Scope, since: date, processes: Sequence[str]) -> Subquery:
    promise = _promises(scope, Deadline.case_id == Item.case_id, Deadline.item == Item.code)
    first = [
        select(func.min(made))
        .where(table.case_id == Item.case_id, table.item == Item.code)
        .scalar_subquery()
        for table, made in ((ServiceCall, ServiceCall.created_at), (WorkItem, WorkItem.opened_at))
    ]
    begun = func.least(*first)
    query = _columns(
        scope,
        promise,
        item=Item.code,
        title=Item.title,
        begun=begun,
        accepted=null().cast(DateTime(timezone=True)),
        ended=case((Item.state.in_(CLOSED_ITEM), Item.finished_at)),
        is_open=and_(Item.finished_at.is_(None), begun.is_not(None)),
        result=Item.state,
        joint=literal(False, Boolean),
        once=literal(False, Boolean),
    )
    query = query.select_from(Item).join(Case, Case.id == Item.case_id).join(promise, true())
    query = query.where(
        Item.state != "not_selected",
        or_(Item.finished_at.is_(None), Item.finished_at >= at(since)),
    )
    if scope.filters.item:
        query = query.where(Item.code == scope.filters.item)
    return _with_days(scope, query.where(*_of_scope(scope, since, processes)), since)


def _columns(
    scope: Scope,
    promise: Any,
    *,
    item: Any,
    title: Any,
    begun: Any,
    accepted: Any,
    ended: Any,
    is_open: Any,
    result: Any,
    joint: Any,
    once: Any,
) -> Select[Any]:
    return select(
        Case.id.label("case_id"),
        Case.no.label("no"),
        Case.subject.label("subject"),
        Case.process.label("process"),
        item.label("item"),
        title.label("title"),
        Case.office.label("office"),
        begun.label("begun_at"),
        accepted.label("accepted_at"),
        ended.label("ended_at"),
        is_open.label("open"),
        result.label("result"),
        joint.label("joint"),
        once.label("once"),
        func.coalesce(promise.c.late, literal(False)).label("late"),
        func.coalesce(promise.c.overdue, literal(False)).label("overdue"),
        func.coalesce(promise.c.at_risk, literal(False)).label("at_risk"),
        promise.c.due_at.label("due_at"),
    )


def _of_scope(scope: Scope, since: date, processes: Sequence[str]) -> list[ColumnElement[bool]]:
    """Whose cases; and whatever happened to a case since a day, it was open then or later."""
    conditions: list[ColumnElement[bool]] = [
        Case.region == scope.config.code,
        Case.process.in_(processes),
        or_(Case.status == "running", Case.closed_at >= at(since)),
    ]
    if scope.offices is not None:
        conditions.append(Case.office.in_(sorted(scope.offices)))
    if scope.filters.at:
        here = None if scope.filters.at == "-" else scope.filters.at
        conditions.append(Case.office.is_not_distinct_from(here))
    return conditions


def _promises(scope: Scope, *of: ColumnElement[bool]) -> Any:
    """How the offices' promises of a case or item stand, from one index probe."""
    shown = func.least(Deadline.due_at, Deadline.legal_due_at)
    running = and_(Deadline.state == "running", Deadline.ended_at.is_(None))
    kept = and_(Deadline.state.in_(("met", "missed")), Deadline.ended_at > shown)
    return (
        select(
            func.bool_or(kept).label("late"),
            func.bool_or(and_(running, shown < scope.now)).label("overdue"),
            func.bool_or(and_(running, shown >= scope.now, shown < scope.horizon)).label("at_risk"),
            func.min(shown).filter(running).label("due_at"),
        )
        .where(*of, func.coalesce(Deadline.role, "").not_in(_APPLICANTS))
        .correlate(Case, Item)
        .lateral("promise")
    )


def _has_item(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(Item.code).where(Item.case_id == Case.id, *conditions).correlate(Case))


def _at_once(scope: Scope) -> list[ColumnElement[bool]]:
    """Every item chosen came to its own end, and nobody was asked or had to come a second time."""
    asked = select(CaseEvent.id).where(CaseEvent.case_id == Case.id, CaseEvent.kind == "supplement")
    supplied = select(WorkItem.id).where(
        WorkItem.case_id == Case.id, WorkItem.process == "supplement"
    )
    filled_again = (
        select(WorkItem.element)
        .where(
            WorkItem.case_id == Case.id,
            WorkItem.state == "done",
            WorkItem.role.in_(_APPLICANTS),
        )
        .group_by(WorkItem.process, WorkItem.element)
        .having(func.count() > 1)
    )
    unlike = [asked, supplied, filled_again]
    if again := scope.config.statistics.once.again:
        later = aliased(Case)
        unlike.append(
            select(later.id).where(
                later.file_id == Case.file_id,
                later.process.in_(again),
                later.started_at > Case.started_at,
                later.id != Case.id,
            )
        )
    return [
        ~_has_item(Item.state == "ended"),
        ~_has_item(Item.round > 1),
        *(~exists(query.correlate(Case)) for query in unlike),
    ]


def _with_days(scope: Scope, query: Select[Any], since: date) -> Subquery:
    """The rows with the working days from their begin to their end, or until now."""
    rows = query.subquery("plain")
    first = max(EARLIEST, since.replace(year=since.year - _LONGEST_YEARS, day=1))
    last = min(LATEST, max(scope.today, scope.period.last))
    listed = literal(_working_days(scope.calendar, first, last)).cast(ARRAY(Date))
    # offset: read once, or PostgreSQL would put it into every row and read it there
    calendar = select(listed.label("days")).offset(0).subquery("calendar")
    end = func.coalesce(rows.c.ended_at, case((rows.c.open, literal(scope.now))))
    # how many working days are not later than a day: two of these tell the days between
    until_begin, until_end = (
        func.width_bucket(local_date(moment), calendar.c.days) for moment in (rows.c.begun_at, end)
    )
    return (
        select(rows, (until_end - until_begin).cast(Integer).label("days"))
        .select_from(rows)
        .join(calendar, true())
        .subquery("matter")
    )


@lru_cache(64)
def _working_days(calendar: WorkCalendar, first: date, last: date) -> str:
    """The working days between two days, as PostgreSQL reads an array."""
    days = (first + DAY * number for number in range((last - first).days + 1))
    return f"{{{','.join(day.isoformat() for day in days if calendar.is_working_day(day))}}}"


def local_date(instant: Any) -> Any:
    """The date on the wall of an office."""
    return func.timezone("Asia/Shanghai", instant).cast(Date)
