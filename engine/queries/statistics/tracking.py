"""跟踪: person by person, how far each department is and how long it has stood there (ZY-056)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.clock import office_date
from engine.models import Deadline, Item, ServiceCall, WorkItem
from engine.queries.statistics.matters import matters
from engine.queries.statistics.report import agency_titles
from engine.queries.statistics.scope import Filters, Scope, scope_of
from engine.runtime import Runtime

PAGE = 50
#: What the board may be narrowed to.
STANDINGS = {"": "全部在办", "overdue": "已超期", "at_risk": "即将到期", "on_time": "期限之内"}


@dataclass(frozen=True)
class Standing:
    """Where an item or a step is: its state or title, for how many working days, due when."""

    title: str
    state: str
    days: int
    due_at: datetime | None = None
    paused: bool = False
    finished_at: datetime | None = None
    worker: str = ""  # role or agency whose turn it is
    item: str | None = None


@dataclass(frozen=True)
class Line:
    """One person's case: its row of ``matters``, its items by code, and the steps open now."""

    case: Any
    items: Mapping[str, Standing]
    steps: Sequence[Standing]


@dataclass(frozen=True)
class Board:
    """A page of the board.

    Args:
        counts: how many there are of each of ``STANDINGS``.
        agencies: code → title, of those the board may be narrowed to.
    """

    scope: Scope
    lines: Sequence[Line]
    counts: Mapping[str, int]
    total: int
    page: int
    agencies: Mapping[str, str]

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE))


def tracking(
    runtime: Runtime,
    actor: Actor,
    filters: Filters,
    *,
    agency: str = "",
    standing: str = "",
    page: int = 1,
) -> Board:
    """The running cases, the longest under way first.

    Args:
        agency: only those in which this agency has something to do now.
        standing: one of ``STANDINGS``.

    Raises:
        Forbidden, NotFound, Invalid: as ``scope_of``.
    """
    scope = scope_of(runtime, actor, filters)
    with runtime.reading() as session:
        rows = matters(scope, "cases", scope.today)
        running = and_(rows.c.open, _with_agency(rows, agency))
        figures = {
            name: func.count().filter(_stands(rows, name)).label(name or "all")
            for name in STANDINGS
        }
        told = session.execute(select(*figures.values()).where(running)).one()
        counts = dict(zip(STANDINGS, told, strict=True))
        standing = standing if standing in STANDINGS else ""
        page = max(1, min(page, -(-counts[standing] // PAGE)))
        cases = session.execute(
            select(rows)
            .where(running, _stands(rows, standing))
            .order_by(rows.c.begun_at, rows.c.no)
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        ).all()
        lines = _lines(session, scope, cases)
        titles = agency_titles(session, scope)
    named = {item.agency for item in scope.config.items.values()}
    named |= {lane.agency for lane in scope.config.lanes.values() if lane.agency}
    agencies = {code: titles.get(code, code) for code in scope.config.agencies if code in named}
    return Board(scope, lines, counts, counts[standing], page, agencies)


def _stands(rows: Any, name: str) -> ColumnElement[bool]:
    match name:
        case "overdue":
            return rows.c.overdue  # type: ignore[no-any-return]
        case "at_risk":
            return and_(rows.c.at_risk, not_(rows.c.overdue))
        case "on_time":
            return not_(or_(rows.c.at_risk, rows.c.overdue))
    return rows.c.case_id.is_not(None)  # type: ignore[no-any-return]


def _with_agency(rows: Any, agency: str) -> ColumnElement[bool]:
    """Cases in which an agency has an item, a task or a request that is not finished."""
    if not agency:
        return rows.c.case_id.is_not(None)  # type: ignore[no-any-return]
    return or_(
        *(
            exists(select(table.case_id).where(table.case_id == rows.c.case_id, *conditions))
            for table, conditions in (
                (Item, (Item.agency == agency, Item.finished_at.is_(None))),
                (WorkItem, (WorkItem.agency == agency, WorkItem.state == "open")),
                (ServiceCall, (ServiceCall.agency == agency, ServiceCall.finished_at.is_(None))),
            )
        )
    )


def _lines(session: Session, scope: Scope, cases: Sequence[Any]) -> list[Line]:
    ids = [case.case_id for case in cases]

    def all_of(table: Any, *conditions: Any) -> Mapping[UUID, list[Any]]:
        found: dict[UUID, list[Any]] = {one: [] for one in ids}
        query = select(table).where(table.case_id.in_(ids), *conditions)
        for row in session.scalars(query):
            found[row.case_id].append(row)
        return found

    clocks = all_of(Deadline, Deadline.ended_at.is_(None))
    items = all_of(Item, Item.state != "not_selected")
    tasks = all_of(WorkItem, WorkItem.state == "open")
    calls = all_of(ServiceCall, ServiceCall.finished_at.is_(None))
    return [
        Line(
            case,
            {
                item.code: _item(
                    scope, item, [c for c in clocks[case.case_id] if c.item == item.code]
                )
                for item in items[case.case_id]
            },
            _steps(scope, tasks[case.case_id], calls[case.case_id]),
        )
        for case in cases
    ]


def _item(scope: Scope, item: Item, clocks: Sequence[Deadline]) -> Standing:
    own = [clock for clock in clocks if clock.item == item.code]
    nearest = min(own, key=lambda clock: clock.shown_at, default=None)
    return Standing(
        title=item.title,
        state=item.state,
        days=_days(scope, item.changed_at),
        due_at=nearest.shown_at if nearest else None,
        paused=nearest is not None and nearest.state == "paused",
        finished_at=item.finished_at,
        worker=item.agency,
    )


def _steps(scope: Scope, tasks: Sequence[WorkItem], calls: Sequence[ServiceCall]) -> list[Standing]:
    """Tasks and requests open now; a request that lies on a desk is its task."""
    on_desk = {task.call_id for task in tasks}
    steps = [_step(scope, task, "task", task.opened_at, task.role) for task in tasks]
    steps += [
        _step(scope, call, "call", call.created_at, call.agency)
        for call in calls
        if call.id not in on_desk
    ]
    return sorted(steps, key=lambda step: -step.days)


def _step(
    scope: Scope, one: WorkItem | ServiceCall, state: str, since: datetime, worker: str
) -> Standing:
    days = _days(scope, since)
    return Standing(one.title, state, days, one.due_at, worker=worker, item=one.item)


def _days(scope: Scope, since: datetime) -> int:
    """Working days since a day."""
    return max(0, scope.calendar.working_days_between(office_date(since), scope.today))
