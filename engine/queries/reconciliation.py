"""对账: holding our service calls against what the agencies received and did.

A request has one effect at most, whatever was killed on the way; and both sides know of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.commands.end_attempt import UNAVAILABLE
from engine.models import Case, Feedback, Incident, ServiceAttempt, ServiceCall, Timer
from engine.runtime import Runtime


@dataclass(frozen=True)
class Received:
    """What the agencies' side says about one request.

    Args:
        status: its last word, as in the envelope (``ACCEPTED``, ``SUCCESS`` …).
        effects: how often something was really done for the person.
        cancelled: it was told that the request is no longer wanted.
    """

    request_id: UUID
    operation: str
    case_no: str
    status: str
    effects: int
    cancelled: bool


def reconcile(runtime: Runtime, ask: Callable[[], Iterable[Received]]) -> list[str]:
    """Compare all calls with all that was received; return what does not fit, a sentence each.

    Work goes on meanwhile. What is found is looked at a second time, and only what is still
    wrong counts: an answer on its way is no mistake.

    Args:
        ask: tells what the agencies received, afresh at every call.
    """
    found = _look(runtime, ask())
    return [finding for finding in found if finding in _look(runtime, ask())] if found else []


def _look(runtime: Runtime, received: Iterable[Received]) -> list[str]:
    lines = {line.request_id: line for line in received}
    with runtime.reading() as session:
        rows = session.execute(select(ServiceCall, Case.no).join(Case)).all()
        overtaken, untold = _overtaken(session), _untold(session)
    found = []
    for call, case_no in rows:
        line = lines.pop(call.id, None)
        if line is None and call.mode in ("file", "manual", "internal"):
            continue  # it went to people, on paper or in a roster, or never left the platform
        problem = _of_call(call, case_no, line, call.id in overtaken)
        if not problem and line and call.state == "cancelled" and str(call.id) not in untold:
            problem = _of_cancelled(line)
        if problem:
            found.append(f"{case_no}：{call.title}（{call.id}）{problem}")
    found += [
        f"{line.case_no}：部门收到了本系统没有的请求 {line.operation}（{line.request_id}）"
        for line in lines.values()
    ]
    return found


def _overtaken(session: Session) -> set[UUID]:
    """Calls we had ended when the agency's work was done, and were told so."""
    told = select(Feedback.call_id).where(Feedback.state.in_(("late", "duplicate")))
    too_late = select(ServiceAttempt.call_id).where(ServiceAttempt.outcome == "too_late")
    return set(session.scalars(told.union(too_late)))


def _untold(session: Session) -> set[str]:
    """Cancelled calls of which the agency will still be told, by us or by a person."""
    waiting = select(Timer.detail).where(Timer.kind == "cancel", Timer.fired_at.is_(None))
    by_hand = select(Incident.ref).where(Incident.kind == "call")
    return {ident for ident in session.scalars(waiting.union(by_hand)) if ident}


def _of_cancelled(line: Received) -> str:
    working = not line.cancelled and line.status not in ("SUCCESS", "FAILED")
    return "已取消，部门却仍在办理" if working else ""


def _of_call(call: ServiceCall, case_no: str, line: Received | None, overtaken: bool) -> str:
    """What is wrong with one call, or an empty string."""
    unavailable = call.state == "refused" and call.reason_code == UNAVAILABLE
    if line is None:
        answered = call.state in ("accepted", "succeeded", "refused") and not unavailable
        return "已有答复，部门却没有收到过请求" if answered else ""
    given_up = call.state == "cancelled" or unavailable
    expected = call.state == "succeeded" or call.finished_at is None or (given_up and overtaken)
    problems = {
        f"与部门收到的请求不符：{line.operation}，{line.case_no}": (line.operation, line.case_no)
        != (call.operation, case_no),
        f"在部门重复办理了 {line.effects} 次": line.effects > 1,
        "记为办结成功，部门却没有办理": call.state == "succeeded" and not line.effects,
        "部门已办理，本系统却没有记录": bool(line.effects) and not expected,
    }
    return next((sentence for sentence, true in problems.items() if true), "")
