"""The list behind a figure: the very rows that were counted, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import NotFound
from engine.queries.statistics.figures import FIGURES
from engine.queries.statistics.first_payment import Retiree, payments
from engine.queries.statistics.matters import matters
from engine.queries.statistics.scope import Filters, Scope, scope_of
from engine.runtime import Runtime

PAGE = 50
#: More rows than this do not go into one workbook.
MOST_ROWS = 50_000
#: How a list may be sorted, and what a list of each figure begins with.
ORDERS = ("begun", "due", "ended", "days", "no")
_FIRST = {"overdue": "due", "at_risk": "due", "running": "begun", "received": "begun"}
#: Figures of whom was paid when (first_payment): they are told from sealed data.
PAID: Mapping[str, str] = {
    "paid_on_time": "按时领取",
    "paid_late": "未按时领取",
    "paid_waiting": "尚在退休次月",
}


@dataclass(frozen=True)
class Asked:
    """Which figure; ``of`` cases, items or objections; how sorted (``-`` before: the other way)."""

    figure: str
    of: str = "cases"
    sort: str = ""


@dataclass(frozen=True)
class Listing:
    """A page of the list. ``rows`` are database rows of ``matters``, with ``notes`` beside some.

    Args:
        total: how many there are, which is the figure.
        page: from 1.
        notes: case id → what else is to be said, e.g. why somebody was paid late.
    """

    scope: Scope
    title: str
    total: int
    page: int
    rows: Sequence[Any]
    sort: str
    notes: Mapping[Any, str]

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE))


def listing(
    runtime: Runtime, actor: Actor, filters: Filters, asked: Asked, page: int = 1
) -> Listing:
    """One page of the cases or items a figure counted; ``page`` 0 gives all, for a workbook.

    Raises:
        Forbidden, NotFound, Invalid: as ``scope_of``; NotFound also when there is no such figure.
    """
    scope = scope_of(runtime, actor, filters)
    with runtime.reading() as session:
        if asked.figure in PAID:
            return _of_payments(runtime, session, scope, asked, page)
        return _of_matters(session, scope, asked, page)


def ref_of(scope: Scope, asked: Asked) -> str:
    """A list as one word, so that it can be asked for and let out (NX-017)."""
    own = scope.filters
    days = (f"{day:%Y%m%d}" for day in (scope.period.first, scope.period.last))
    office = "" if own.at else own.office
    narrowed = (office, own.process, own.item, own.at, str(scope.near))
    return "~".join((asked.figure, asked.of, scope.config.code, *days, *narrowed))


def read_ref(ref: str) -> tuple[Filters, Asked]:
    """The list that word names.

    Raises:
        NotFound: it names none.
    """
    try:
        figure, of, region, first, last, office, process, item, at, near = ref.split("~")
        first, last = (date.fromisoformat(day).isoformat() for day in (first, last))
    except ValueError:
        raise NotFound from None
    filters = Filters(region, "custom", first, last, office, process, item, near, at)
    return filters, Asked(figure, of)


def _of_matters(session: Session, scope: Scope, asked: Asked, page: int) -> Listing:
    figure = FIGURES.get(asked.figure)
    if figure is None or asked.of not in ("cases", "items", "objections"):
        raise NotFound
    processes = None
    if asked.of == "objections":
        processes = scope.config.statistics.supervision.objections
    rows = matters(scope, asked.of, scope.period.first, processes)
    query = select(rows).where(figure.holds(scope, rows.c))
    title = "异议" if asked.of == "objections" else figure.title
    return _page(session, scope, asked, page, query, title, {})


def _of_payments(
    runtime: Runtime, session: Session, scope: Scope, asked: Asked, page: int
) -> Listing:
    rule = scope.config.statistics.first_payment
    if rule is None:
        raise NotFound
    state = asked.figure.removeprefix("paid_")
    at = scope.filters.at
    found = [
        one
        for one in payments(runtime, session, scope, rule).retirees
        if one.state == state and at in ("", one.office or "-")
    ]
    oldest = scope.period.first.replace(year=scope.period.first.year - 3, day=1)
    scope = replace(scope, filters=replace(scope.filters, item=""))  # it is about whole cases
    rows = matters(scope, "cases", oldest, [rule.process])
    query = select(rows).where(rows.c.case_id.in_([one.case_id for one in found]))
    notes = {one.case_id: _note(one) for one in found}
    return _page(session, scope, asked, page, query, PAID[asked.figure], notes)


def _note(one: Retiree) -> str:
    told = [f"{one.retired_on} 退休", f"{one.paid_on} 首次发放" if one.paid_on else "未发放"]
    return "，".join(told) + (f"。原因：{one.cause}" if one.cause else "")


def _page(
    session: Session,
    scope: Scope,
    asked: Asked,
    page: int,
    query: Select[Any],
    title: str,
    notes: Mapping[Any, str],
) -> Listing:
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    sort = asked.sort if asked.sort.removeprefix("-") in ORDERS else ""
    sort = sort or _FIRST.get(asked.figure, "-days")
    rows = query.subquery("listed")
    columns = {"begun": "begun_at", "due": "due_at", "ended": "ended_at"}
    by = rows.c[columns.get(sort.removeprefix("-"), sort.removeprefix("-"))]
    order = by.desc().nulls_last() if sort.startswith("-") else by.asc().nulls_last()
    listed = select(rows).order_by(order, rows.c.no, rows.c.item)
    page = min(page, max(1, -(-total // PAGE)))
    listed = listed.limit(MOST_ROWS) if page < 1 else listed.limit(PAGE).offset((page - 1) * PAGE)
    return Listing(scope, title, total, page, session.execute(listed).all(), sort, notes)
