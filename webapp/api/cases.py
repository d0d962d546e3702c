"""``cases``: starting them, finding them, and how one stands."""

from datetime import datetime
from typing import Any, Literal

from flask import url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from engine.commands.start_case import start_case
from engine.errors import Invalid
from engine.identity import may_name_somebody
from engine.queries.case_events import case_events
from engine.queries.case_page import case_page
from engine.queries.find_cases import find_cases
from webapp import portal
from webapp.api.part import Body, Query, Shape, part
from webapp.context import actor, runtime
from webapp.facts import FactTable, fact_tables

cases = part("cases", "办件 cases")


class StartBody(Body):
    """A process of a region, and the answers to its start form."""

    region: str = Field(max_length=40)
    process: str = Field(max_length=80)
    answers: dict[str, Any]


class Started(Shape):
    """The case that was begun."""

    no: str
    url: str


class Wanted(BaseModel):
    """Which cases, and which page of them."""

    q: str = Field(
        "",
        max_length=60,
        description="办件编号（可只写开头）或姓名（须完整）；用 POST 时也可为身份证号",
    )
    region: str = Field("", max_length=40)
    process: str = Field("", max_length=80)
    status: Literal["", "running", "closed"] = ""
    after: str = Field("", max_length=40, description="上一页的 next")
    limit: int = Field(50, ge=1, le=200)


class CaseQuery(Wanted, Query):
    """Asked in the address: without identity numbers."""


class CaseSearch(Wanted, Body):
    """Asked in a body, which no log and no history of a browser keeps."""


class Case(Shape):
    """A case in a list."""

    no: str
    title: str
    region: str
    process: str
    subject: str
    applicant: str
    channel: str
    status: str
    outcome: str | None
    outcome_title: str | None
    started_at: datetime
    closed_at: datetime | None


class CaseList(Shape):
    """One page, newest first; ``next`` asks for the one after it, and is null on the last."""

    cases: list[Case]
    next: str | None


class Item(Shape):
    """A joint item: its state, office and clock."""

    code: str
    title: str
    state: str
    state_title: str
    round: int
    agency: str
    phone: str
    due_at: datetime | None
    provisional: bool
    paused: bool
    changed_at: datetime
    finished_at: datetime | None
    reason: str | None


class Step(Shape):
    """A user task of the case, whoever does it."""

    element: str
    title: str
    role: str
    item: str | None
    state: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None


class Clock(Shape):
    """A promised time; ``shown_at`` is the earlier of promise and legal ceiling."""

    code: str
    title: str
    item: str | None
    state: str
    started_at: datetime
    due_at: datetime
    legal_due_at: datetime | None
    shown_at: datetime
    provisional: bool
    ended_at: datetime | None


class Place(Shape):
    """A diagram of the case: where it waits and what it has passed."""

    process: str
    title: str
    current: list[str]
    passed: list[str]


class Fact(Shape):
    """One thing the case knows, in words; sensitive numbers are masked."""

    field: str
    title: str
    text: str


class Facts(Shape):
    """One section of case data."""

    section: str
    title: str
    facts: list[Fact]


class CaseDetail(Shape):
    """Everything about a case but its history."""

    case: Case
    items: list[Item]
    tasks: list[Step]
    deadlines: list[Clock]
    places: list[Place]
    sections: list[Facts]


class EventQuery(Query):
    """Which lines of the history."""

    after: int = Field(0, ge=0, le=2**31 - 1, description="已读到的 seq")
    limit: int = Field(200, ge=1, le=1000)


class Event(Shape):
    """A line of the history. ``hash`` covers the line and the one before it."""

    seq: int
    at: datetime
    kind: str
    actor: str
    title: str
    element: str | None
    item: str | None
    hash: str


class EventList(Shape):
    """Lines in their order; ask again after the last ``seq`` until none come."""

    events: list[Event]


@cases.post("/cases")
@cases.input(StartBody, arg_name="body")
@cases.output(Started, status_code=201)
def start(body: StartBody) -> ResponseReturnValue:
    """Start a case.

    403 when the account may not start this process, 409 when the person has a running case of it,
    422 with the fields that are wrong.
    """
    portal.require_portal(body.region, body.process)
    started = start_case(
        *(runtime(), body.region, body.process, body.answers, actor()),
        channel_code=portal.channel_of(body.region),
    )
    portal.leave()
    url = url_for("api_cases.show", no=started.no)
    return {"no": started.no, "url": url}, 201, {"Location": url}


@cases.get("/cases")
@cases.input(CaseQuery, location="query")
@cases.output(CaseList)
def list_cases(query_data: CaseQuery) -> dict[str, Any]:
    """Find cases the account may see, newest first.

    An identity number must not stand in an address: see ``POST /cases/search``.
    """
    if may_name_somebody(query_data.q):
        message = "身份证号不能写在地址里，请用 POST /cases/search。"
        raise Invalid(errors={"q": message})
    return _list(query_data)


@cases.post("/cases/search")
@cases.input(CaseSearch)
@cases.output(CaseList)
def search_cases(json_data: CaseSearch) -> dict[str, Any]:
    """Find cases as ``GET /cases`` does, also by identity number."""
    return _list(json_data)


def _list(asked: Wanted) -> dict[str, Any]:
    page = find_cases(
        runtime(),
        actor(),
        asked.q,
        region=asked.region,
        process=asked.process,
        status=asked.status,
        after=asked.after,
        size=asked.limit,
    )
    return {"cases": page.rows, "next": page.after or None}


@cases.get("/cases/<no>")
@cases.output(CaseDetail)
def show(no: str) -> dict[str, Any]:
    """Show how a case stands."""
    page = case_page(runtime(), no, actor())
    tables = fact_tables(page.release.pack, runtime().operations, page.sections)
    return {
        "case": page.case,
        "items": page.items,
        "tasks": page.tasks,
        "deadlines": page.deadlines,
        "places": page.drawings,
        "sections": [_facts(table) for table in tables],
    }


@cases.get("/cases/<no>/events")
@cases.input(EventQuery, location="query")
@cases.output(EventList)
def list_events(no: str, query_data: EventQuery) -> dict[str, Any]:
    """List the history of a case."""
    lines = case_events(runtime(), no, actor(), after=query_data.after, size=query_data.limit)
    plain = [name for name in Event.model_fields if name != "hash"]
    return {
        "events": [
            {**{name: getattr(line, name) for name in plain}, "hash": bytes(line.hash).hex()}
            for line in lines
        ]
    }


def _facts(table: FactTable) -> dict[str, Any]:
    facts = [{"field": f.path, "title": f.title, "text": f.text} for f in table.fields]
    return {"section": table.section, "title": table.title, "facts": facts}
