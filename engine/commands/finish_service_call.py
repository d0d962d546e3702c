"""What an agency's answer does to a case. All three transports end here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import update

from engine.advance import advance
from engine.errors import AgencyReplyUnreadable
from engine.incidents import open_incident
from engine.items import set_item
from engine.models import Feedback, Incident, ServiceCall
from engine.notices import text_delivered
from engine.open_case import OpenCase
from engine.promises import pause, resume
from engine.runtime import Runtime

Status = Literal["ACCEPTED", "SUCCESS", "FAILED", "PENDING_CONDITION", "SUPPLEMENT", "ERROR"]


@dataclass(frozen=True)
class CallResult:
    """An agency's answer, read and checked by its handler (processes §0.4)."""

    status: Status
    business: Mapping[str, Any] = field(default_factory=dict)
    reason_code: str | None = None
    reason: str = ""
    handled_by: str = ""
    handled_at: datetime | None = None
    promise_date: date | None = None
    phone: str = ""
    condition_met_at: datetime | None = None


def finish_service_call(
    runtime: Runtime, feedback_id: UUID, result: CallResult | AgencyReplyUnreadable
) -> str:
    """Apply a stored answer to its case, once; return what became of the feedback.

    A duplicate or late answer is recorded and changes nothing. A refusal goes to the error
    boundary of its own token; one that no boundary expects becomes an incident.

    Returns:
        ``applied``, ``noted`` (not the last word yet), ``duplicate``, ``late`` or ``unreadable``.
    """
    with runtime.transaction() as session:
        feedback = session.get_one(Feedback, feedback_id)
        case, call = OpenCase.lock_with_call(runtime, session, feedback.call_id)
        session.refresh(feedback)
        if feedback.state != "stored":  # another worker got there first
            return feedback.state
        feedback.state = apply_answer(case, call, result)
        case.save()
        return feedback.state


def apply_answer(
    case: OpenCase, call: ServiceCall, result: CallResult | AgencyReplyUnreadable
) -> str:
    """The same in the caller's transaction, which saves the case."""
    if call.finished_at is not None:
        late = call.state == "cancelled"
        word = "迟到" if late else "重复"
        case.note("feedback_ignored", f"{call.title}：收到{word}反馈，已记录，未作处理")
        return "late" if late else "duplicate"
    if isinstance(result, AgencyReplyUnreadable):
        _stuck(case, call, result.message)
        return "unreadable"
    call.changed_at = case.now
    return {
        "ACCEPTED": _accepted,
        "PENDING_CONDITION": _pending,
        "SUPPLEMENT": _supplement,
        "SUCCESS": _succeeded,
        "FAILED": _failed,
        "ERROR": _error,
    }[result.status](case, call, result)


def _accepted(case: OpenCase, call: ServiceCall, result: CallResult) -> str:
    if call.state == "accepted" and result.condition_met_at is None:
        if not resume(case, call.token):
            return "duplicate"
        case.note("resumed", f"{call.title}：继续办理，时限恢复计算", item=call.item)
    else:
        case.note("accepted", f"{call.title}：部门已接收", item=call.item)
        resume(case, call.token)
    call.state = "accepted"
    if call.item:
        by_person = case.runtime.operations.get(call.operation).by_person
        state = "waiting_person" if by_person else "in_progress"
        set_item(case, call.item, state, met_at=result.condition_met_at)
    return "noted"


def _pending(case: OpenCase, call: ServiceCall, result: CallResult) -> str:
    call.state = "accepted"
    pause(case, call.token)
    if call.item:
        set_item(case, call.item, "waiting_condition", reason=result.reason)
    case.note("waiting", f"{call.title}：等待条件满足", item=call.item, detail=_reason(result))
    return "noted"


def _supplement(case: OpenCase, call: ServiceCall, result: CallResult) -> str:
    call.state = "accepted"
    pause(case, call.token)
    if call.item:
        set_item(case, call.item, "supplement", reason=result.reason)
    case.note("supplement", f"{call.title}：需要补正", item=call.item, detail=_reason(result))
    return "noted"


def _succeeded(case: OpenCase, call: ServiceCall, result: CallResult) -> str:
    _settle_incident(case, call)
    call.state, call.finished_at = "succeeded", case.now
    call.reason = result.reason[:400] or None
    _write(case, call, result)
    text_delivered(case, call.id, True)
    case.note("succeeded", f"{call.title}：办结成功", item=call.item)
    advance(case, case.instance.finish_call(call.token, "SUCCESS"))
    return "applied"


def _failed(case: OpenCase, call: ServiceCall, result: CallResult) -> str:
    assert result.reason_code is not None
    call.reason_code, call.reason = result.reason_code, result.reason[:400]
    _write(case, call, result)  # first: the way out may read why
    step = case.instance.refuse_call(call.token, result.reason_code)
    if step is None:
        _stuck(case, call, f"部门未办理（{result.reason_code}）：{result.reason}")
        return "applied"
    _settle_incident(case, call)
    call.state, call.finished_at = "refused", case.now
    text_delivered(case, call.id, False)
    case.note("refused", f"{call.title}：{result.reason}", item=call.item, detail=_reason(result))
    advance(case, step)
    if call.item:
        case.changes.give_reason(call.item, result.reason)
    return "applied"


def _error(case: OpenCase, call: ServiceCall, result: CallResult) -> str:
    _stuck(case, call, result.reason or "部门系统报告处理异常。")
    return "applied"


def _stuck(case: OpenCase, call: ServiceCall, message: str) -> None:
    call.state, call.reason = "stuck", message[:400]
    if call.item:
        set_item(case, call.item, "stuck", reason=message)
    open_incident(case, "call", str(call.id), call.title, message)


def _settle_incident(case: OpenCase, call: ServiceCall) -> None:
    """A good answer after all: nobody needs to look into it any more."""
    if call.state != "stuck":
        return
    case.session.execute(
        update(Incident)
        .where(Incident.ref == str(call.id), Incident.closed_at.is_(None))
        .values(closed_at=case.now, resolution="部门后来给出了有效答复")
    )
    case.note("incident_settled", f"{call.title}：部门后来给出了有效答复，异常解除")


def _write(case: OpenCase, call: ServiceCall, result: CallResult) -> None:
    if call.section is None:
        return
    case.write_section(
        call.section,
        {
            **result.business,
            "status": result.status,
            "reason_code": result.reason_code,
            "reason": result.reason or None,
            "handled_by": result.handled_by or None,
            "handled_at": (result.handled_at or case.now).isoformat(),
        },
    )


def _reason(result: CallResult) -> dict[str, Any]:
    return {"code": result.reason_code, "reason": result.reason}
