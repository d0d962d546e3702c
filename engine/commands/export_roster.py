"""Handing requests to an agency in a numbered list, as a file or on paper."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.clock import office_date
from engine.commands.hand_over import record_handing_over
from engine.errors import Conflict, Invalid, NotFound
from engine.exchange import Line, require_exchange, write_roster
from engine.ids import new_id
from engine.liaisons import Addressee, Department, liaison_of
from engine.models import (
    AgencySetting,
    DataKey,
    Exchange,
    ExchangeLine,
    ServiceAttempt,
    ServiceCall,
    WorkItem,
)
from engine.open_case import OpenCase
from engine.runtime import Runtime

#: More than this nobody works through; the rest goes into the next list.
MOST_LINES = 2000


def export_roster(runtime: Runtime, region: str, agency: str, actor: Actor) -> UUID:
    """Put all that waits for an agency's next roster into a file; return the roster's id.

    The requests are accepted from now on. Requests that were cancelled since they were exported
    are in it, too, as 撤销. Two who export at once make two rosters without a common line.

    Raises:
        NotFound: no such agency, or not the actor's.
        Conflict: nothing waits.
    """
    with runtime.transaction() as session:
        title = _lock(runtime, session, region, agency, actor)
        new = session.execute(
            select(ServiceCall.case_id, ServiceCall.id)
            .where(
                ServiceCall.region == region,
                ServiceCall.agency == agency,
                ServiceCall.mode == "file",
                ServiceCall.state == "queued",
            )
            .order_by(ServiceCall.case_id, ServiceCall.id)
            .limit(MOST_LINES)
        ).all()
        cancelled = session.execute(_untold(region, agency, "file").limit(MOST_LINES)).all()
        roster = _begin(runtime, session, region, agency, "file", actor)
        words = f"第 {roster.no} 号名册"
        # cases are locked in one order, always
        acts = [*((case, call, _take) for case, call in new)]
        acts += [(case, call, _tell) for case, call in cancelled]
        acts.sort(key=_by_case)
        taken = [act(runtime, session, call_id, actor, words) for _, call_id, act in acts]
        lines = sorted((line for line in taken if line), key=lambda one: one.kind == "cancel")
        if not lines:
            raise Conflict("没有等待导出的请求。")
        key, wrapped = runtime.keyring.new_key()
        data_key = DataKey(id=new_id(), wrapped=wrapped)
        session.add(data_key)
        session.flush()
        to = _liaison(runtime, session, region, agency)
        heading = f"{title}　{words}　联络员：{to.name}" if to.name else f"{title}　{words}"
        content = write_roster(runtime.operations, heading, lines)
        roster.data_key_id, roster.content_sealed = data_key.id, key.seal(content)
        _keep(session, roster, lines)
        return roster.id


def list_on_paper(runtime: Runtime, region: str, agency: str, actor: Actor) -> UUID:
    """Put all that lies on an agency's desk and was on no list yet on one to be printed.

    Raises:
        NotFound: no such agency, or not the actor's.
        Conflict: nothing new lies there.
    """
    with runtime.transaction() as session:
        _lock(runtime, session, region, agency, actor)
        listed = exists().where(ExchangeLine.call_id == ServiceCall.id, ExchangeLine.kind == "new")
        rows = session.execute(
            select(ServiceCall, WorkItem.case_no)
            .join(WorkItem, WorkItem.call_id == ServiceCall.id)
            .where(
                WorkItem.state == "open",
                WorkItem.kind == "call",
                ServiceCall.region == region,
                ServiceCall.agency == agency,
                ~listed,
            )
            .order_by(ServiceCall.operation, ServiceCall.id)
            .limit(MOST_LINES)
        ).all()
        lines = [_line(call, "new", no, {}) for call, no in rows]
        roster = _begin(runtime, session, region, agency, "paper", actor)
        for line in sorted(lines, key=lambda one: one.case_id):
            # whoever prints it sees full numbers; cases are locked in one order, always
            case, call = OpenCase.lock_with_call(runtime, session, line.call_id, actor)
            words = f"{call.title}：列入第 {roster.no} 号纸质清单"
            case.note("listed", words, element=call.element, item=call.item)
            case.save_history()
        lines += [
            _line(session.get_one(ServiceCall, one), "cancel", "", {})
            for _, one in session.execute(_untold(region, agency, "manual"))
        ]
        if not lines:
            raise Conflict("没有尚未列入清单的请求。")
        _keep(session, roster, lines)
        return roster.id


def record_receipt(
    runtime: Runtime, exchange_id: UUID, received_by: str, received_on: str, actor: Actor
) -> None:
    """Write down who signed for a list, and when; a mistake is corrected by writing it again.

    Args:
        received_on: ISO date.

    Raises:
        Invalid: ``errors`` names the fields.
    """
    with runtime.transaction() as session:
        roster = session.get(Exchange, exchange_id, with_for_update=True)
        if roster is None:
            raise NotFound
        _lock(runtime, session, roster.region, roster.agency, actor)
        today = office_date(runtime.clock.now())
        errors = {}
        if not 2 <= len(received_by) <= 60 or not received_by.isprintable():
            errors["received_by"] = "请填写签收人姓名（2 至 60 个字）。"
        try:
            day = date.fromisoformat(received_on)
            if not office_date(roster.exported_at) <= day <= today:
                errors["received_on"] = "签收日期应在名册生成之后，且不晚于今天。"
        except ValueError:
            errors["received_on"] = "请填写签收日期，例如 2027-05-20。"
        if errors:
            raise Invalid(errors=errors)
        roster.received_by, roster.received_on = received_by, day
        roster.addressed_to = _liaison(runtime, session, roster.region, roster.agency).name


def _lock(runtime: Runtime, session: Session, region: str, agency: str, actor: Actor) -> str:
    """One list of an agency is made at a time; return what the agency is called."""
    release = runtime.releases.active(session, region, runtime.clock.now())
    require_exchange(actor, release.config, agency)
    setting = session.get(AgencySetting, (region, agency), with_for_update=True)
    if setting is None:
        raise NotFound
    return setting.title


def _liaison(runtime: Runtime, session: Session, region: str, agency: str) -> Addressee:
    """Whom a list goes to (ZY-027)."""
    today = office_date(runtime.clock.now())
    return liaison_of(session, region, Department("agency", agency), today)


def _by_case(act: tuple[UUID, UUID, object]) -> tuple[UUID, UUID]:
    return act[0], act[1]


def _untold(region: str, agency: str, mode: str) -> Select[UUID, UUID]:
    """Cancelled requests that were on a list and whose cancellation was on none."""
    on_list = select(ExchangeLine.call_id)
    return (
        select(ServiceCall.case_id, ServiceCall.id)
        .where(
            ServiceCall.region == region,
            ServiceCall.agency == agency,
            ServiceCall.mode == mode,
            ServiceCall.state == "cancelled",
            ServiceCall.id.in_(on_list.where(ExchangeLine.kind == "new")),
            ServiceCall.id.not_in(on_list.where(ExchangeLine.kind == "cancel")),
        )
        .order_by(ServiceCall.case_id, ServiceCall.id)
    )


def _begin(
    runtime: Runtime, session: Session, region: str, agency: str, kind: str, actor: Actor
) -> Exchange:
    last = session.scalar(
        select(func.max(Exchange.no)).where(
            Exchange.region == region, Exchange.agency == agency, Exchange.kind == kind
        )
    )
    return Exchange(
        id=new_id(),
        region=region,
        agency=agency,
        kind=kind,
        no=(last or 0) + 1,
        calls=0,
        cancellations=0,
        exported_at=runtime.clock.now(),
        exported_by=actor.name,
    )


def _take(
    runtime: Runtime, session: Session, call_id: UUID, actor: Actor, words: str
) -> Line | None:
    """Hand one request over; ``None`` when it was cancelled this very moment."""
    case, call = OpenCase.lock_with_call(runtime, session, call_id, actor)
    session.refresh(call)
    if call.state != "queued":
        return None
    record_handing_over(case, call, words)
    call.state, call.changed_at = "accepted", case.now
    case.save()
    return _line(call, "new", case.case.no, _asked(case, call))


def _tell(runtime: Runtime, session: Session, call_id: UUID, actor: Actor, words: str) -> Line:
    """Say that one is no longer wanted."""
    case, call = OpenCase.lock_with_call(runtime, session, call_id, actor)
    call.attempts += 1
    session.add(
        ServiceAttempt(
            call_id=call.id,
            number=call.attempts,
            kind="cancel",
            started_at=case.now,
            ended_at=case.now,
            outcome="told",
            note=words,
        )
    )
    case.note("agency_told", f"{call.title}：已通知部门停止办理（{words}）", item=call.item)
    case.save()
    return _line(call, "cancel", case.case.no, _asked(case, call))


def _asked(case: OpenCase, call: ServiceCall) -> dict[str, object]:
    return {**case.data.get("person", {}), **case.key.open_json(bytes(call.request_sealed))}


def _line(call: ServiceCall, kind: str, case_no: str, asked: dict[str, object]) -> Line:
    return Line(call.id, call.case_id, kind, call.operation, case_no, call.title, asked)


def _keep(session: Session, roster: Exchange, lines: list[Line]) -> None:
    roster.calls = sum(line.kind == "new" for line in lines)
    roster.cancellations = len(lines) - roster.calls
    session.add(roster)
    session.flush()
    session.add_all(
        ExchangeLine(exchange_id=roster.id, call_id=line.call_id, kind=line.kind, position=position)
        for position, line in enumerate(lines, 1)
    )
