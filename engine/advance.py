"""Turning a step of the process engine into rows: tasks, calls, timers, notices, item states.

The process engine says which elements were passed and which waits ended or began; everything
people and workers see of that is derived here, in the order in which it happened.
"""

from sqlalchemy import select

from engine import letters, promises
from engine.case_data import section_name
from engine.errors import EngineError
from engine.ids import new_id
from engine.items import select_items, set_item
from engine.messages import OF_THE_CASE, send_message, tell_batch
from engine.models import Deadline, MessageInbox, ServiceCall, Subscription
from engine.new_task import new_task
from engine.notices import notify, write_text
from engine.open_case import OpenCase
from engine.person_changes import update_mobile, update_office
from engine.spiff.step import Step, Visit, Wait


def advance(case: OpenCase, step: Step) -> None:
    """Collect all that a step changes; the caller saves the case."""
    for visit in step.visits:
        _visited(case, visit)
    for closed in step.closed:
        case.changes.end(closed.wait.token, dropped=closed.cancelled)
        if closed.cancelled and closed.wait.kind in ("user", "call"):
            case.note("cancelled", f"已取消：{closed.wait.name}", element=closed.wait.element)
    for wait in step.opened:
        _opened(case, wait)
    if step.finished:
        _finished(case, step.outcome)


def _visited(case: OpenCase, visit: Visit) -> None:
    properties = visit.properties
    if "records" in properties:  # first: the notice may tell of it
        case.record(properties["records"], visit.item)
    if visit.kind == "sendTask" and "notice" in properties:
        for audience in dict.fromkeys(properties.get("to", "applicant").split()):
            notify(case, properties["notice"], audience)
    if visit.kind == "sendTask" and "document" in properties:
        for key in properties["document"].split():
            case.hand_out(key, visit.item)
    if visit.message:
        send_message(case, visit.message)
    if "updates_mobile" in properties:
        update_mobile(case, case.instance.evaluate(properties["updates_mobile"]))
    if "updates_office" in properties:
        update_office(case, case.instance.evaluate(properties["updates_office"]))
    if "selects_items" in properties:
        select_items(case)
    if "item_state" in properties and visit.item:
        set_item(case, visit.item, properties["item_state"])


def _opened(case: OpenCase, wait: Wait) -> None:
    promise = promises.start(case, wait)
    match wait.kind:
        case "user":
            _open_task(case, wait, promise)
        case "call":
            _open_call(case, wait, promise)
        case "timer":
            assert wait.due_at is not None
            case.schedule("bpmn", str(wait.token), wait.due_at)
        case "message":
            _subscribe(case, wait)


def _open_task(case: OpenCase, wait: Wait, promise: Deadline | None) -> None:
    lane = promises.lane_of(case, wait)
    assert lane is not None  # the checker saw to it
    office = case.office_of(lane)
    if "tells_liaison" in wait.properties:
        department = letters.department_of(office, lane.agency)
        letters.send(case, department, "returned", wait.properties["tells_liaison"])
    case.changes.add(
        new_task(
            case,
            promise,
            token=wait.token,
            kind="user",
            role=promises.role_of(case, wait),
            office=office,
            agency=lane.agency,
            process=wait.process,
            element=wait.element,
            title=wait.name,
            form=wait.properties["formJsonSchemaFilename"].removesuffix(".schema.json"),
            section=section_name(wait.properties["section"], wait.item),
            item=wait.item,
        )
    )


def _open_call(case: OpenCase, wait: Wait, promise: Deadline | None) -> None:
    assert wait.operation is not None
    operation = case.runtime.operations.get(wait.operation)
    patience = wait.properties.get("patience")
    parameters = dict(wait.parameters)
    call_id = new_id()
    if "notice" in wait.properties:
        audience = wait.properties.get("to", "person")
        parameters |= write_text(case, wait.properties["notice"], audience, call_id)
    call = ServiceCall(
        id=call_id,
        case_id=case.case.id,
        token=wait.token,
        region=case.case.region,
        operation=operation.code,
        agency=operation.agency,
        element=wait.element,
        process=wait.process,
        title=wait.name,
        item=wait.item,
        section=section_name(wait.properties.get("section"), wait.item),
        office=_office(case, wait, operation.agency),
        state="queued",
        attempts=0,
        request_sealed=case.key.seal_json(parameters),
        patience=int(patience) if patience else None,
        created_at=case.now,
        changed_at=case.now,
        due_at=promise.shown_at if promise else None,
    )
    case.changes.add(call)
    case.outbox.try_call(call.id)
    title = f"已向{_agency(case, operation.agency)}发出：{wait.name}"
    case.note("call", title, element=wait.element, item=wait.item)


def _office(case: OpenCase, wait: Wait, agency: str) -> str | None:
    """Who of an agency with several offices is asked: the one its lane names (JL-050)."""
    lane = promises.lane_of(case, wait)
    if lane is None or lane.agency != agency:
        lane = case.config.desk_lane(agency)
    return case.office_of(lane) if lane else None


def _subscribe(case: OpenCase, wait: Wait) -> None:
    assert wait.message is not None
    key = str(case.case.id) if wait.message in OF_THE_CASE else case.business_key
    case.changes.add(
        Subscription(
            token=wait.token,
            case_id=case.case.id,
            message=wait.message,
            business_key=key,
            element=wait.element,
            created_at=case.now,
        )
    )
    with case.session.no_autoflush:  # nothing of ours can have changed the inbox
        early = case.session.scalar(
            select(MessageInbox.id).where(
                MessageInbox.message == wait.message,
                MessageInbox.business_key == key,
                MessageInbox.state == "waiting",
            )
        )
    if early is not None:
        case.outbox.deliver(early)


def _finished(case: OpenCase, outcome: Visit | None) -> None:
    if outcome is None:
        raise EngineError("流程结束但没有到达结束事件。")
    case.case.status = "closed"
    case.case.outcome = outcome.element
    case.case.outcome_title = outcome.name
    case.case.closed_at = case.now
    case.note("closed", f"办件结束：{outcome.name}", element=outcome.element)
    tell_batch(case)


def _agency(case: OpenCase, code: str) -> str:
    agency = case.config.agencies.get(code)
    return agency.title if agency else code
