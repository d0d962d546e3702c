"""统计: how many cases, tasks, calls and incidents there are, by region."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.models import Case, Incident, ServiceCall, WorkItem
from engine.runtime import Runtime


@dataclass(frozen=True)
class CaseCount:
    """Cases of one process, running or ended in one way."""

    region: str
    process: str
    status: str
    outcome: str | None
    outcome_title: str | None
    count: int


@dataclass(frozen=True)
class TaskCount:
    """Open tasks of one role, and how many of them are past due."""

    region: str
    role: str
    open: int
    overdue: int


@dataclass(frozen=True)
class CallCount:
    """Requests to one agency that wait for their end."""

    region: str
    agency: str
    state: str
    count: int


@dataclass(frozen=True)
class IncidentCount:
    """Work that automation gave up on and nobody has settled."""

    region: str
    count: int


@dataclass(frozen=True)
class Statistics:
    """All figures of one moment."""

    cases: Sequence[CaseCount]
    tasks: Sequence[TaskCount]
    calls: Sequence[CallCount]
    incidents: Sequence[IncidentCount]


def statistics(runtime: Runtime, regions: Collection[str] | None = None) -> Statistics:
    """Count what there is now.

    Args:
        regions: codes of the regions to count; None counts all.
    """
    cases = (Case.region, Case.process, Case.status, Case.outcome, Case.outcome_title)
    tasks = (WorkItem.region, WorkItem.role)
    calls = (ServiceCall.region, ServiceCall.agency, ServiceCall.state)
    overdue = func.count().filter(WorkItem.due_at < runtime.clock.now())
    with runtime.reading() as session:

        def rows(by: tuple[Any, ...], query: Any) -> Sequence[Any]:
            if regions is not None:
                query = query.where(by[0].in_(sorted(regions)))
            return session.execute(query.group_by(*by).order_by(*by)).all()

        by_case = rows(cases, select(*cases, func.count()))
        by_task = rows(tasks, select(*tasks, func.count(), overdue).where(WorkItem.state == "open"))
        by_call = rows(calls, select(*calls, func.count()).where(ServiceCall.finished_at.is_(None)))
        by_incident = rows(
            (Case.region,),
            select(Case.region, func.count())
            .join(Incident, Incident.case_id == Case.id)
            .where(Incident.closed_at.is_(None)),
        )
    return Statistics(
        [CaseCount(*row) for row in by_case],
        [TaskCount(*row) for row in by_task],
        [CallCount(*row) for row in by_call],
        [IncidentCount(*row) for row in by_incident],
    )
