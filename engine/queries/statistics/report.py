"""The page 统计: the figures of one region and period, in the tables the region asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.models import AgencySetting
from engine.packs.reports import Stretch
from engine.queries.statistics.figures import Count, by_stretch, measure
from engine.queries.statistics.first_payment import Payments, payments
from engine.queries.statistics.matters import matters
from engine.queries.statistics.period import Period, trail
from engine.queries.statistics.scope import Filters, Scope, reaches, scope_of
from engine.runtime import Runtime

#: How many weeks, months … a table looks back.
LOOK_BACK: Mapping[Stretch, int] = {"week": 8, "month": 6, "quarter": 4, "year": 3}
CHART_MONTHS = 12


@dataclass(frozen=True)
class OfficeLine:
    """One office: its cases, and the objections raised there; ``None``: nowhere in particular."""

    office: str | None
    count: Count
    objections: int = 0


@dataclass(frozen=True)
class ItemLine:
    """One item in one office."""

    office: str | None
    item: str
    count: Count


@dataclass(frozen=True)
class StretchLine:
    """One week, month …: of an item (``before``: its stretch before), an office, or all cases."""

    period: Period
    count: Count
    item: str = ""
    office: str | None = None
    before: Count | None = None


@dataclass(frozen=True)
class Report:
    """All of the page. A region without joint items has no ``items`` and ``departments``.

    Args:
        processes: process → its cases.
        months: the last twelve, the earliest first.
        departments, acceptances: by the region's own stretch, the newest first.
        agencies: code → title, as set today.
    """

    scope: Scope
    total: Count
    objections: int | None
    offices: Sequence[OfficeLine]
    processes: Mapping[str, Count]
    items: Sequence[ItemLine]
    months: Sequence[StretchLine]
    departments: Sequence[StretchLine]
    acceptances: Sequence[StretchLine]
    payments: Payments | None
    agencies: Mapping[str, str]

    def item_title(self, code: str) -> str:
        """What people call an item."""
        kind = self.scope.config.items.get(code)
        return kind.title if kind else code

    def agency_of(self, item: str) -> str:
        """The department an item is the matter of."""
        kind = self.scope.config.items.get(item)
        return self.agencies.get(kind.agency, kind.agency) if kind else ""

    def office_title(self, code: str | None) -> str:
        """What people call an office."""
        if code is None:
            return self.scope.config.short_title if not self.scope.titles else "未归属机构"
        return self.scope.titles.get(code, code)


def report(runtime: Runtime, actor: Actor, filters: Filters) -> Report:
    """Count everything the page shows, a statement for each table.

    Raises:
        Forbidden, NotFound, Invalid: as ``scope_of``.
    """
    scope = scope_of(runtime, actor, replace(filters, at=""))
    rule = scope.config.statistics
    objections = rule.supervision.objections
    months = trail("month", scope.until, CHART_MONTHS)
    with runtime.reading() as session:
        cases = measure(
            session,
            scope,
            matters(scope, "cases", scope.period.first),
            ("office", "process"),
        )
        objected = _objections(session, scope) if objections else {}
        return Report(
            scope=scope,
            total=_sum(cases.values()),
            objections=sum(objected.values()) if objections else None,
            offices=_offices(cases, objected),
            processes=_by_process(scope, cases),
            items=_items(session, scope) if scope.config.items else (),
            months=_months(session, scope, months),
            departments=_departments(session, scope) if scope.config.items else (),
            acceptances=_acceptances(session, scope) if rule.accepted else (),
            payments=(
                payments(runtime, session, scope, rule.first_payment)
                if rule.first_payment and rule.first_payment.process in scope.processes
                else None
            ),
            agencies=agency_titles(session, scope),
        )


def regions(runtime: Runtime, actor: Actor) -> Mapping[str, str]:
    """The regions whose figures somebody may see: code → short title."""
    return {code: reach.config.short_title for code, reach in reaches(runtime, actor).items()}


def agency_titles(session: Session, scope: Scope) -> Mapping[str, str]:
    """What the agencies of the region are called today."""
    rows = session.execute(
        select(AgencySetting.agency, AgencySetting.title).where(
            AgencySetting.region == scope.config.code
        )
    )
    return dict(rows.all())


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())


def _objections(session: Session, scope: Scope) -> Mapping[str | None, int]:
    """Office → objections raised in the period, wherever they stand now."""
    raised = scope.config.statistics.supervision.objections
    rows = matters(scope, "cases", scope.period.first, raised)
    counted = measure(session, scope, rows, ("office",))
    return {office: count.received for (office,), count in counted.items() if count.received}


def _offices(
    cases: Mapping[tuple[str | None, str], Count], objected: Mapping[str | None, int]
) -> list[OfficeLine]:
    found: dict[str | None, Count] = dict.fromkeys(objected, Count())
    for (office, _), count in cases.items():
        found[office] = found.get(office, Count()) + count
    return [OfficeLine(office, count, objected.get(office, 0)) for office, count in found.items()]


def _by_process(scope: Scope, cases: Mapping[tuple[str | None, str], Count]) -> Mapping[str, Count]:
    found: dict[str, Count] = {}
    for (_, process), count in cases.items():
        found[process] = found.get(process, Count()) + count
    return {process: found[process] for process in scope.processes if process in found}


def _items(session: Session, scope: Scope) -> list[ItemLine]:
    rows = matters(scope, "items", scope.period.first)
    counted = measure(session, scope, rows, ("office", "item"))
    return [ItemLine(office, item, count) for (office, item), count in counted.items()]


def _months(session: Session, scope: Scope, months: Sequence[Period]) -> list[StretchLine]:
    rows = matters(scope, "cases", months[0].first)
    moments = ["begun_at", "ended_at"] + ["accepted_at"] * bool(scope.config.statistics.accepted)
    counted: dict[object, Count] = {}
    for moment in moments:
        for (first,), count in by_stretch(session, rows, moment, "month", months).items():
            counted[first] = counted.get(first, Count()) + count
    return [StretchLine(month, counted.get(month.first, Count())) for month in months]


def _departments(session: Session, scope: Scope) -> list[StretchLine]:
    """Items closed, stretch by stretch, each beside what it was the stretch before."""
    kind = scope.config.statistics.closed_by_department.period
    stretches = trail(kind, scope.until, LOOK_BACK[kind] + 1)
    rows = matters(scope, "items", stretches[0].first)
    counted = by_stretch(session, rows, "ended_at", kind, stretches, ("item",))
    return [
        StretchLine(
            now, counted[now.first, item], item=item, before=counted.get((before.first, item))
        )
        for before, now in reversed(list(pairwise(stretches)))
        for item in scope.config.items
        if (now.first, item) in counted
    ]


def _acceptances(session: Session, scope: Scope) -> list[StretchLine]:
    kind = scope.config.statistics.acceptance_summary.period
    stretches = trail(kind, scope.until, LOOK_BACK[kind])
    rows = matters(scope, "cases", stretches[0].first)
    counted = by_stretch(session, rows, "accepted_at", kind, stretches, ("office",))
    order = {one.first: one for one in stretches}
    found = [
        StretchLine(order[first], count, office=office)
        for (first, office), count in counted.items()
    ]
    return sorted(found, key=lambda one: (-one.period.first.toordinal(), one.office or ""))
