"""All a person sees of one case: summary, items, clocks, timeline, notices, diagram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.access import Actor, may_see, visible
from engine.case_data import CaseData
from engine.clock import office_date
from engine.contents import Content
from engine.errors import NotFound
from engine.functions import case_functions
from engine.item_states import STATES
from engine.liaisons import NOBODY, Addressee, Department, liaisons_of
from engine.models import (
    AgencySetting,
    Case,
    CaseEvent,
    CaseState,
    DataKey,
    Deadline,
    Incident,
    Item,
    Notice,
    Office,
    ServiceCall,
    WorkItem,
)
from engine.packs.release import LoadedRelease
from engine.queries.attachments import AttachmentLine, attachments_of
from engine.queries.contents import contents_for
from engine.queries.documents import DocumentLine, documents_of
from engine.retention import ERASED
from engine.runtime import Runtime
from engine.sealing import NO_KEY, SealingKey
from engine.spiff.process import ProcessInstance

#: Lines of a history that tell of work given to a colleague.
HANDED_ON = "reassign"


@dataclass(frozen=True)
class ItemLine:
    """One joint item as people see it: state in words, office, phone, due time, reason."""

    code: str
    title: str
    state: str
    state_title: str
    round: int
    agency: str
    phone: str
    liaison: Addressee
    due_at: datetime | None
    provisional: bool
    paused: bool
    changed_at: datetime
    finished_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class NoticeLine:
    """A notice as it was sent."""

    title: str
    body: str
    audience: str
    sent_at: datetime


@dataclass(frozen=True)
class Drawing:
    """One diagram of a case, with what has been passed and where it waits now."""

    process: str
    title: str
    passed: Sequence[str]
    current: Sequence[str]


@dataclass(frozen=True)
class Counter:
    """Where somebody may go or call instead of doing it online."""

    title: str
    address: str
    phone: str


@dataclass(frozen=True)
class CasePage:
    """The case page. ``trail``: (process, element or flow) in the order of their last passing."""

    case: Case
    region_title: str
    sections: Mapping[str, Mapping[str, Any]]
    items: Sequence[ItemLine]
    tasks: Sequence[WorkItem]
    offices: Mapping[str, Office]
    calls: Sequence[ServiceCall]
    deadlines: Sequence[Deadline]
    events: Sequence[CaseEvent]
    notices: Sequence[NoticeLine]
    incidents: Sequence[Incident]
    drawings: Sequence[Drawing]
    attachments: Mapping[str, AttachmentLine]
    trail: Sequence[tuple[str, str]]
    documents: Sequence[DocumentLine]
    contents: Sequence[Content]
    counter: Counter | None
    release: LoadedRelease
    reasons: Mapping[int, str]  # why tasks were handed on, by line of the history
    erased_at: datetime | None = None  # since when nothing sealed of it can be read


def case_page(runtime: Runtime, case_no: str, actor: Actor) -> CasePage:
    """Read everything about a case by its number.

    Raises:
        NotFound: no such case, or not the actor's to see.
    """
    with runtime.reading() as session:
        case = session.scalar(select(Case).where(Case.no == case_no))
        if case is None or not may_see(actor, case):
            raise NotFound("没有找到这一办件，或您无权查看。")  # never repeats what was asked
        release = runtime.releases.get(session, case.release_id)
        kept = session.get_one(DataKey, case.data_key_id)
        key = runtime.keyring.unwrap(kept.wrapped) if kept.wrapped is not None else None
        data = (
            CaseData.load(session, case.id, case.file_id, key)
            if key is not None
            else CaseData(case.id, case.file_id, NO_KEY)
        )
        deadlines = _of(session, Deadline, case.id, Deadline.started_at)
        instance = _instance(runtime, session, case, release, data)
        items = _of(session, Item, case.id, Item.code)
        tasks = _of(session, WorkItem, case.id, WorkItem.opened_at)
        offices = _offices(session, case, [*items, *tasks])
        today = office_date(runtime.clock.now())
        events = _events(session, case, actor)
        return CasePage(
            case=case,
            region_title=release.config.title,
            sections={name: data[name] for name in data},
            items=_items(session, case, release, deadlines, items, offices, today),
            tasks=tasks,
            offices=offices,
            calls=_of(session, ServiceCall, case.id, ServiceCall.created_at),
            deadlines=deadlines,
            events=events,
            reasons=_reasons(events, key),
            notices=[
                NoticeLine(
                    notice.title,
                    key.open_text(bytes(notice.body_sealed)) if key is not None else ERASED,
                    notice.audience,
                    notice.sent_at or notice.created_at,
                )
                for notice in _of(session, Notice, case.id, Notice.created_at)
            ],
            incidents=_of(session, Incident, case.id, Incident.opened_at),
            drawings=_drawings(instance, case, release),
            attachments=attachments_of(session, case, actor),
            trail=instance.trail(),
            documents=documents_of(session, case, actor),
            contents=contents_for(runtime, session, release.config, case.process),
            counter=_counter(session, case, release, offices),
            release=release,
            erased_at=kept.destroyed_at,
        )


def my_cases(
    runtime: Runtime, actor: Actor, *, status: str = "", limit: int = 100
) -> Sequence[Case]:
    """List the cases the actor may see, newest first."""
    with runtime.reading() as session:
        query = select(Case).where(visible(actor)).order_by(Case.id.desc()).limit(limit)
        if status:
            query = query.where(Case.status == status)
        return session.scalars(query).all()


def count_cases(runtime: Runtime, actor: Actor) -> Mapping[str, int]:
    """Count the cases the actor may see by status."""
    with runtime.reading() as session:
        rows = session.execute(
            select(Case.status, func.count()).where(visible(actor)).group_by(Case.status)
        )
        return dict(rows.all())


def _of(session: Session, table: Any, case_id: UUID, order: Any) -> Sequence[Any]:
    return session.scalars(select(table).where(table.case_id == case_id).order_by(order)).all()


def _events(session: Session, case: Case, actor: Actor) -> Sequence[CaseEvent]:
    """The history; who in an office hands work to whom is the office's affair."""
    rows = _of(session, CaseEvent, case.id, CaseEvent.seq)
    return rows if actor.kind == "staff" else [row for row in rows if row.kind != HANDED_ON]


def _reasons(events: Sequence[CaseEvent], key: SealingKey | None) -> Mapping[int, str]:
    if key is None:
        return {}
    return {
        row.seq: key.open_json(bytes(row.detail_sealed)).get("reason", "")
        for row in events
        if row.kind == HANDED_ON and row.detail_sealed
    }


def _offices(session: Session, case: Case, rows: Sequence[Any]) -> Mapping[str, Office]:
    """The offices that items and tasks belong to, by code; most regions have one for all."""
    codes = {row.office for row in (case, *rows) if row.office}
    if not codes:
        return {}
    wanted = select(Office).where(Office.region == case.region, Office.code.in_(codes))
    return {office.code: office for office in session.scalars(wanted)}


def _items(
    session: Session,
    case: Case,
    release: LoadedRelease,
    deadlines: Sequence[Deadline],
    items: Sequence[Item],
    offices: Mapping[str, Office],
    today: date,
) -> list[ItemLine]:
    agencies = {
        setting.agency: setting
        for setting in session.scalars(
            select(AgencySetting).where(AgencySetting.region == case.region)
        )
    }
    open_clocks = {clock.item: clock for clock in deadlines if clock.item and not clock.ended_at}
    order = {code: kind.order for code, kind in release.config.items.items()}
    known = liaisons_of(session, case.region, today) if items else {}
    lines = []
    for item in sorted(items, key=lambda one: order.get(one.code, 99)):
        agency, clock = agencies.get(item.agency), open_clocks.get(item.code)
        office = offices.get(item.office or "")
        lines.append(
            ItemLine(
                code=item.code,
                title=item.title,
                state=item.state,
                state_title=STATES.get(item.state, item.state),
                round=item.round,
                agency=office.title if office else agency.title if agency else item.agency,
                phone=(office.phone if office else "") or (agency.phone if agency else ""),
                liaison=known.get(Department("agency", item.agency), NOBODY),
                due_at=clock.shown_at if clock else None,
                provisional=clock.provisional if clock else False,
                paused=clock.state == "paused" if clock else False,
                changed_at=item.changed_at,
                finished_at=item.finished_at,
                reason=item.reason,
            )
        )
    return lines


def _counter(
    session: Session, case: Case, release: LoadedRelease, offices: Mapping[str, Office]
) -> Counter | None:
    """The office the case is at home in, else the agency of a lane that takes it at a window."""
    office = offices.get(case.office or "")
    if office is not None and office.phone:
        return Counter(office.title, office.address, office.phone)
    rule = release.config.processes.get(case.process)
    roles = {*(rule.staff_roles if rule else ()), "si_clerk"}
    agencies = [lane.agency for lane in release.config.lanes.values() if lane.role in roles]
    agency = session.scalar(
        select(AgencySetting)
        .where(AgencySetting.region == case.region, AgencySetting.agency.in_(agencies))
        .where(AgencySetting.phone != "")
        .order_by(AgencySetting.address == "", AgencySetting.agency)
        .limit(1)
    )
    return Counter(agency.title, agency.address, agency.phone) if agency else None


def _instance(
    runtime: Runtime, session: Session, case: Case, release: LoadedRelease, data: CaseData
) -> ProcessInstance:
    state = session.get_one(CaseState, case.id)
    calendar = runtime.calendars[release.config.calendar]
    functions = case_functions(
        release.config, calendar, runtime.clock.now(), data, release.pack.tables
    )
    definition = release.definition(session, case.process)
    return ProcessInstance.load(definition, bytes(state.content), data, functions)


def _drawings(instance: ProcessInstance, case: Case, release: LoadedRelease) -> list[Drawing]:
    passed, waits = instance.passed(), instance.waits()
    drawings = []
    for process in release.pack.called_from(case.process):
        done = sorted(element for owner, element in passed if owner == process)
        current = sorted({wait.element for wait in waits if wait.process == process})
        if done or current or process == case.process:
            drawings.append(Drawing(process, release.pack.process_title(process), done, current))
    return drawings
