"""Handing a service call over to people, where an agency has no interface."""

from uuid import UUID

from sqlalchemy import select

from engine.items import set_item
from engine.models import Deadline, ServiceAttempt, ServiceCall, WorkItem
from engine.new_task import new_task
from engine.open_case import OpenCase
from engine.runtime import Runtime


def hand_over(runtime: Runtime, call_id: UUID, mode: str) -> None:
    """Put a call on the desk of its agency (``manual``) or among those for its next roster.

    A call at the desk is accepted: somebody looks after it, under the call's own deadline. One for
    a roster waits in the state ``queued`` until it is exported. Repeating this is harmless.

    Args:
        mode: ``manual`` or ``file``, as the agency's settings said at the first try.
    """
    with runtime.transaction() as session:
        case, call = OpenCase.lock_with_call(runtime, session, call_id)
        if call.state not in ("queued", "unknown"):  # another worker got there first
            return
        if mode == "file" and call.state == "queued":
            if call.mode is None:
                case.note("awaits_roster", f"{call.title}：等待列入交换名册", item=call.item)
        else:
            call.state = "accepted"
            if mode == "manual":
                _to_desk(case, call)
        call.mode, call.changed_at = mode, case.now
        case.save()


def _to_desk(case: OpenCase, call: ServiceCall) -> None:
    """Open a work item, unless it is open: an incident was retried that came up meanwhile."""
    lying = select(WorkItem.id).where(WorkItem.token == call.token, WorkItem.state == "open")
    if case.session.scalar(lying) is not None:
        return
    record_handing_over(case, call)
    clock = case.session.scalar(
        select(Deadline).where(Deadline.token == call.token, Deadline.ended_at.is_(None))
    )
    role = case.config.desk_of(call.agency) or "admin"
    case.changes.add(
        new_task(
            case,
            clock,
            token=call.token,
            kind="call",
            call_id=call.id,
            role=role,
            office=call.office,
            agency=call.agency,
            process=call.process,
            element=call.element,
            title=call.title,
            form=call.operation,
            section=call.section or "",
            item=call.item,
        )
    )


def record_handing_over(case: OpenCase, call: ServiceCall, note: str = "") -> None:
    """Write the attempt, the history line and the item's state: the agency has the request now.

    Args:
        note: in which list it travels.
    """
    call.attempts += 1
    case.session.add(
        ServiceAttempt(
            call_id=call.id,
            number=call.attempts,
            kind="send",
            started_at=case.now,
            ended_at=case.now,
            outcome="handed_over",
            note=note or None,
        )
    )
    case.note("handed_over", f"{call.title}：已转部门经办{note and f'（{note}）'}", item=call.item)
    if call.item:
        set_item(case, call.item, "in_progress")
