"""What to do when a try at a service call brought no answer."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from engine import letters
from engine.advance import advance
from engine.incidents import open_incident
from engine.items import set_item
from engine.liaisons import Department
from engine.models import ServiceAttempt, ServiceCall
from engine.open_case import OpenCase
from engine.runtime import Runtime

UNAVAILABLE = "UNAVAILABLE"

Outcome = Literal["unavailable", "unknown", "absent", "unreadable"]


def end_attempt(runtime: Runtime, call_id: UUID, number: int, outcome: Outcome, note: str) -> None:
    """Put a call back for a later try, or give up on it.

    Args:
        outcome: ``unavailable`` nobody answered; ``unknown`` sent, no answer (ask first next
            time); ``absent`` the agency was asked and never got it (send again); ``unreadable``
            the answer makes no sense.
        note: for the people who look into it; never personal data.

    A call with ``patience`` takes its UNAVAILABLE boundary when that is used up; one without is
    tried until the backoff list ends and then becomes an incident. The case stays alive.
    """
    with runtime.transaction() as session:
        case, call = OpenCase.lock_with_call(runtime, session, call_id)
        attempt = session.get_one(ServiceAttempt, (call_id, number))
        attempt.ended_at, attempt.outcome, attempt.note = case.now, outcome, note[:400]
        if call.state != "sending" or call.attempts != number:
            session.flush()  # an answer, a cancellation or a newer try overtook this one
            return
        if outcome == "unreadable":
            _give_up(case, call, note)
        elif outcome == "absent":
            call.state = "queued"
            case.schedule("retry", str(call.token), case.now, str(call.id))
        elif outcome == "unavailable" and call.patience and number >= call.patience:
            _unavailable(case, call, note)
        elif number > len(runtime.backoff):
            _give_up(case, call, note)
        else:
            call.state = "unknown" if outcome == "unknown" else "queued"
            wait = timedelta(seconds=runtime.backoff[number - 1])
            case.schedule("retry", str(call.token), case.now + wait, str(call.id))
        call.changed_at = case.now
        case.save()


def _unavailable(case: OpenCase, call: ServiceCall, note: str) -> None:
    step = case.instance.refuse_call(call.token, UNAVAILABLE)
    if step is None:
        _give_up(case, call, note)
        return
    call.state, call.finished_at = "refused", case.now
    call.reason_code, call.reason = UNAVAILABLE, note[:400]
    case.note("call_unavailable", f"{call.title}：部门系统暂时无法连接", item=call.item)
    letters.send(case, Department("agency", call.agency), "failed", call.title)
    advance(case, step)


def _give_up(case: OpenCase, call: ServiceCall, note: str) -> None:
    call.state = "stuck"
    call.reason = note[:400]
    if call.item:
        set_item(case, call.item, "stuck", reason=note)
    open_incident(case, "call", str(call.id), call.title, note)
