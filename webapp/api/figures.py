"""``statistics`` for people, ``health`` for load balancers, ``/metrics`` for Prometheus."""

from collections.abc import Iterator
from typing import Any, Literal

from flask import Response

from engine.administered import administered
from engine.queries.health import Health, health
from engine.queries.statistics import (
    CallCount,
    CaseCount,
    IncidentCount,
    Statistics,
    TaskCount,
    statistics,
)
from engine.scope import SYSTEM, within
from webapp.api.part import Shape, part
from webapp.context import actor, runtime

figures = part("statistics", "统计 statistics")
pulse = part("health", "运行状况 health", open_to_all=True)

#: A job or timer that waits longer than this: nobody works the queue.
LATE_SECONDS = 60


class Figures(Shape):
    """All figures of this moment."""

    cases: list[CaseCount]
    tasks: list[TaskCount]
    calls: list[CallCount]
    incidents: list[IncidentCount]


class Pulse(Shape):
    """Whether work flows. ``late``: a job or timer has been waiting for more than a minute."""

    status: Literal["ok", "late"]
    waiting_jobs: int
    oldest_job_seconds: float
    due_timers: int
    oldest_timer_seconds: float
    open_incidents: int


@figures.get("/statistics")
@figures.output(Figures)
def count() -> Statistics:
    """Count cases, tasks, calls and incidents in the regions the account works in as a whole."""
    return statistics(runtime(), actor().whole_regions)


@pulse.get("/health")
@pulse.output(Pulse)
@pulse.doc(security=[{}])
def check() -> dict[str, Any]:
    """Say whether the database answers and work flows; 503 when the database does not answer."""
    found = _health()
    late = max(found.oldest_job_seconds, found.oldest_timer_seconds) > LATE_SECONDS
    return {"status": "late" if late else "ok", **vars(found)}


def _health() -> Health:
    """Of all regions: it says how much waits, not for whom."""
    with within(SYSTEM):
        return health(runtime())


def metrics() -> Response:
    """The same figures of an administrator's regions in Prometheus' text format (HTTP Basic)."""
    lines = "\n".join(_lines(statistics(runtime(), administered(actor())), _health()))
    return Response(f"{lines}\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _lines(found: Statistics, flow: Health) -> Iterator[str]:
    yield from _gauge("cases", "Cases by region, process and outcome.")
    for case in found.cases:
        labels = {"region": case.region, "process": case.process, "outcome": case.outcome or ""}
        yield _sample("cases", case.count, status=case.status, **labels)
    yield from _gauge("open_tasks", "Open tasks by region and role.")
    for task in found.tasks:
        yield _sample("open_tasks", task.open, region=task.region, role=task.role)
    yield from _gauge("overdue_tasks", "Open tasks past due.")
    for task in found.tasks:
        yield _sample("overdue_tasks", task.overdue, region=task.region, role=task.role)
    yield from _gauge("open_calls", "Service calls that wait for their end.")
    for call in found.calls:
        labels = {"region": call.region, "agency": call.agency, "state": call.state}
        yield _sample("open_calls", call.count, **labels)
    for name, value in vars(flow).items():
        yield from _gauge(name, name.replace("_", " ").capitalize() + ".")
        yield _sample(name, value)


def _gauge(name: str, help_text: str) -> tuple[str, str]:
    return f"# HELP yijianshi_{name} {help_text}", f"# TYPE yijianshi_{name} gauge"


def _sample(name: str, value: float, **labels: str) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"yijianshi_{name}{{{inside}}} {value}" if labels else f"yijianshi_{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
