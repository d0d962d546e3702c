"""Proving that the tables say what the process engine's state and the history say.

Three witnesses are written in one transaction and can be held against each other at any time:
the engine's state (what a case waits for), the rows (work items, calls, timers, clocks, sections,
notices) and the history, which is append-only and hashed. Whatever was lost or done twice makes
two of them disagree. Anything found is a defect of ours, or a hand in the tables.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.commands.end_attempt import UNAVAILABLE
from engine.history import verify
from engine.models import (
    Base,
    Case,
    CaseEvent,
    CaseSection,
    Deadline,
    ExchangeLine,
    Incident,
    Item,
    Notice,
    ServiceCall,
    Subscription,
    Timer,
    WorkItem,
)
from engine.open_case import OpenCase
from engine.retention import is_erased
from engine.runtime import Runtime

#: Sections every case begins with, beside that of its start form.
FIRST_SECTIONS = frozenset({"person", "applicant", "case"})


def audit(runtime: Runtime, numbers: Iterable[str] = ()) -> list[str]:
    """Audit cases one by one; return what does not fit, a sentence each.

    Args:
        numbers: case numbers; all cases when there are none.
    """
    query = select(Case.id).order_by(Case.id)
    if wanted := list(numbers):
        query = query.where(Case.no.in_(wanted))
    with runtime.reading() as session:
        ids = session.scalars(query).all()
    return [finding for case_id in ids for finding in audit_case(runtime, case_id)]


def audit_case(runtime: Runtime, case_id: UUID) -> list[str]:
    """Audit one case, locked meanwhile: state against rows against history."""
    with runtime.transaction() as session:
        if is_erased(session, case_id):
            return _erased(session, case_id)
        opened = OpenCase.lock(runtime, session, case_id)
        findings = [
            *_waits(session, opened),
            *_desks(session, opened),
            *_rosters(session, opened),
            *_leftovers(session, opened),
            *_told(session, opened.case),
            *_sections(session, opened),
        ]
        if broken := verify(session, case_id):
            findings.append(f"第 {broken.seq} 条{broken.message}")
        return [f"{opened.case.no}：{finding}" for finding in findings]


def _erased(session: Session, case_id: UUID) -> list[str]:
    """Of what was erased by rule the rows and the hashed history are left, and must still fit."""
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()
    findings = [] if case.status == "closed" else ["办件还在办理，个人信息却已删除"]
    findings += _told(session, case)
    if broken := verify(session, case_id):
        findings.append(f"第 {broken.seq} 条{broken.message}")
    return [f"{case.no}：{finding}" for finding in findings]


def _waits(session: Session, opened: OpenCase) -> list[str]:
    """Each wait of the process engine has exactly one open row, and each open row its wait."""
    case_id = opened.case.id
    rows: dict[str, Sequence[Any]] = {
        "user": _of(session, WorkItem.token, case_id, *_open_of("user")),
        "call": _of(session, ServiceCall.token, case_id, ServiceCall.finished_at.is_(None)),
        "message": _of(session, Subscription.token, case_id),
        "timer": _of(session, Timer.ref, case_id, Timer.kind == "bpmn", Timer.fired_at.is_(None)),
    }
    found = []
    for kind, tokens in rows.items():
        wanted = Counter(str(w.token) for w in _live(opened) if w.kind == kind)
        have = Counter(map(str, tokens))
        if wanted != have:
            found.append(f"{_WORD[kind]}与流程状态不符：{_compared(wanted, have)}")
    return found


def _desks(session: Session, opened: OpenCase) -> list[str]:
    """Each call at a desk has exactly one open work item, and each such work item its call."""
    case_id = opened.case.id
    at_desk = (
        ServiceCall.finished_at.is_(None),
        ServiceCall.mode == "manual",
        ServiceCall.state != "queued",
    )
    wanted = Counter(_of(session, ServiceCall.id, case_id, *at_desk))
    have = Counter(_of(session, WorkItem.call_id, case_id, *_open_of("call")))
    if wanted == have:
        return []
    return [f"登记部门答复的待办与服务请求不符：{_compared(wanted, have)}"]


def _rosters(session: Session, opened: OpenCase) -> list[str]:
    """Each request handed over in a file stands in exactly one roster."""
    listed = (
        select(func.count())
        .select_from(ExchangeLine)
        .where(ExchangeLine.call_id == ServiceCall.id, ExchangeLine.kind == "new")
        .scalar_subquery()
    )
    handed_over = (
        ServiceCall.finished_at.is_(None),
        ServiceCall.mode == "file",
        ServiceCall.state != "queued",
        listed != 1,
    )
    odd = _of(session, ServiceCall.title, opened.case.id, *handed_over)
    return [f"“{title}”已转部门，却不在一份名册中" for title in odd]


def _open_of(kind: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return WorkItem.state == "open", WorkItem.kind == kind


def _compared(wanted: Counter[Any], have: Counter[Any]) -> str:
    return (
        f"应有 {wanted.total()}，实有 {have.total()}，"
        f"其中缺 {(wanted - have).total()}、多 {(have - wanted).total()}"
    )


def _leftovers(session: Session, opened: OpenCase) -> list[str]:
    """Nothing still runs for a wait that is over; nothing is open in a closed case."""
    case_id = opened.case.id
    live = {str(wait.token) for wait in _live(opened)}
    clocks = _of(session, Deadline.token, case_id, Deadline.ended_at.is_(None))
    timers = _of(
        session,
        Timer.ref,
        case_id,
        # telling an agency outlives the wait it was about
        Timer.kind != "cancel",
        Timer.fired_at.is_(None),
    )
    found = [
        f"{len(left)} 个{word}所属环节已结束，却仍在计时"
        for word, tokens in (("时限", clocks), ("定时", timers))
        if (left := [token for token in tokens if str(token) not in live])
    ]
    if opened.case.status == "closed":
        items = _of(session, Item.title, case_id, Item.finished_at.is_(None))
        found += [f"办件已办结，“{title}”却没有结果" for title in items]
    return found


def _told(session: Session, case: Case) -> list[str]:
    """The history tells of everything exactly as often as the rows show it."""
    told = Counter(_of(session, CaseEvent.kind, case.id))
    calls = Counter(_of(session, ServiceCall.state, case.id))
    tasks = Counter(_of(session, WorkItem.state, case.id, WorkItem.kind == "user"))
    shown = {
        ("started",): 1,
        ("task",): tasks["done"],
        ("call",): calls.total(),
        ("succeeded",): calls["succeeded"],
        ("refused", "call_unavailable"): calls["refused"],
        ("cancelled",): tasks["cancelled"] + calls["cancelled"],
        # those a service call delivers are told of as calls
        ("notice",): len(_of(session, Notice.id, case.id, Notice.call_id.is_(None))),
        ("incident",): _count(session, Incident, case.id),
        ("closed",): int(case.status == "closed"),
        ("erased",): int(is_erased(session, case.id)),
    }
    return [
        f"历史中“{_WORD[kinds[0]]}”有 {times} 次，数据中有 {number} 次"
        for kinds, number in shown.items()
        if (times := sum(told[kind] for kind in kinds)) != number
    ]


def _sections(session: Session, opened: OpenCase) -> list[str]:
    """Every version of a section was written by the start, by one submit or by one answer."""
    case_id = opened.case.id
    rows = session.scalars(
        select(CaseSection)
        .where(CaseSection.case_id == case_id)
        .order_by(CaseSection.name, CaseSection.version)
    ).all()
    recorded = set(opened.config.sections)  # recorded by the way itself, not by a submit
    submits, entered = _written(session, opened, "task"), _written(session, opened, "entered")
    changed = _written(session, opened, "person_changed")
    changed += _written(session, opened, "channel")
    rule = opened.config.processes.get(opened.case.process)
    first = {(name, 1) for name in FIRST_SECTIONS | ({rule.start_form} if rule else set())}
    by_agency: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    found = []
    for row in rows:
        versions[row.name] += 1
        if row.version != versions[row.name]:
            found.append(f"数据“{row.name}”的版本不连续")
        if (row.name, row.version) in first or row.name in recorded:
            continue
        if changed.pop((row.name, row.version), 0) == 1:
            continue
        if row.author == SYSTEM.name or entered.pop((row.name, row.version), 0) == 1:
            by_agency[row.name] += 1
        elif submits.pop((row.name, row.version), 0) != 1:
            found.append(f"数据“{row.name}”第 {row.version} 版不是由一次提交写入的")
    found += [
        f"提交写入的数据“{name}”第 {version} 版不见了"
        for name, version in (*submits, *entered)
        if name not in recorded
    ]
    least, most = _answers(session, case_id)
    for name in sorted((by_agency.keys() | least.keys()) - recorded):
        if not least[name] <= by_agency[name] <= most[name]:
            found.append(f"数据“{name}”的版本数与部门答复数不符")
    return found


def _written(session: Session, opened: OpenCase, kind: str) -> Counter[tuple[str, int]]:
    """The versions that submits (or answers entered by people) wrote, as the history tells."""
    details = _of(
        session,
        CaseEvent.detail_sealed,
        opened.case.id,
        CaseEvent.kind == kind,
        CaseEvent.detail_sealed.is_not(None),
    )
    told = [opened.key.open_json(bytes(sealed)) for sealed in details]
    return Counter((one["section"], one["version"]) for one in told if "section" in one)


def _answers(session: Session, case_id: UUID) -> tuple[Counter[str], Counter[str]]:
    """How often answers wrote each section, at least and at most.

    A final answer writes once; one that became an incident may have written before.
    """
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    incidents = Counter(_of(session, Incident.ref, case_id))
    calls = session.scalars(
        select(ServiceCall).where(ServiceCall.case_id == case_id, ServiceCall.section.is_not(None))
    )
    for call in calls:
        assert call.section is not None
        answered = call.state == "succeeded" or (
            call.state == "refused" and call.reason_code != UNAVAILABLE
        )
        least[call.section] += answered
        most[call.section] += answered + incidents[str(call.id)]
    return least, most


def _live(opened: OpenCase) -> Sequence[Any]:
    return opened.instance.waits() if opened.case.status == "running" else ()


def _of(
    session: Session, column: Any, case_id: UUID, *conditions: ColumnElement[bool]
) -> Sequence[Any]:
    """A column of the case's rows."""
    return session.scalars(
        select(column).where(column.class_.case_id == case_id, *conditions)
    ).all()


def _count(session: Session, table: type[Base], case_id: UUID) -> int:
    rows: Any = table
    number = session.scalar(select(func.count()).select_from(table).where(rows.case_id == case_id))
    return number or 0


_WORD = {
    "user": "待办",
    "call": "服务请求",
    "message": "消息等待",
    "timer": "流程定时",
    "started": "提交申请",
    "task": "提交环节",
    "succeeded": "办结成功",
    "refused": "不予办理",
    "cancelled": "取消",
    "notice": "通知",
    "incident": "异常",
    "closed": "办件结束",
    "erased": "按规定删除",
}
