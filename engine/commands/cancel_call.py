"""Telling an agency that a request it may be working on is no longer wanted.

A timer of kind ``cancel`` stands for every call an agency still has to be told about. It stays
until that is done, so that the sweep finds what a lost job or a dead worker forgot.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from engine.incidents import open_incident
from engine.models import AgencySetting, ServiceAttempt, ServiceCall, Timer
from engine.open_case import OpenCase
from engine.runtime import Runtime

#: A try that began longer ago than this is over, even if nobody wrote down how it ended.
ON_THE_WIRE = timedelta(seconds=60)

Outcome = Literal["told", "too_late", "unavailable", "unreadable"]


@dataclass(frozen=True)
class Cancellation:
    """One try at telling an agency; all a handler needs."""

    call_id: UUID
    number: int
    operation: str
    mode: str
    endpoint: str


def begin_cancellation(runtime: Runtime, call_id: UUID) -> Cancellation | None:
    """Take a cancelled call of which the agency may know; ``None`` when there is nothing to tell.

    A request on the wire at this very moment is waited for: an agency told too early would say
    that it never got the request, and then get it.
    """
    with runtime.transaction() as session:
        now = runtime.clock.now()
        call = session.get(ServiceCall, call_id, with_for_update=True)
        if call is None or call.state != "cancelled" or not call.attempts or call.mode != "api":
            return None
        if _on_the_wire(session, call_id, now):
            _try_later(session, call, now + timedelta(seconds=runtime.backoff[0]))
            return None
        call.attempts += 1
        session.add(
            ServiceAttempt(call_id=call_id, number=call.attempts, kind="cancel", started_at=now)
        )
        setting = session.get(AgencySetting, (call.region, call.agency))
        return Cancellation(
            call_id=call_id,
            number=call.attempts,
            operation=call.operation,
            mode="api",
            endpoint=setting.endpoint if setting else "",
        )


def end_cancellation(
    runtime: Runtime, call_id: UUID, number: int, outcome: Outcome, note: str = ""
) -> None:
    """Write down whether the agency stopped; try again later when nobody was there.

    Args:
        outcome: ``told`` it stops, or never began; ``too_late`` it had finished; ``unavailable``
            nobody answered; ``unreadable`` a person must telephone.
        note: for the people who look into it; never personal data.
    """
    with runtime.transaction() as session:
        case, call = OpenCase.lock_with_call(runtime, session, call_id)
        attempt = session.get_one(ServiceAttempt, (call_id, number))
        attempt.ended_at, attempt.outcome, attempt.note = case.now, outcome, note[:400]
        tries = session.scalar(
            select(func.count())
            .select_from(ServiceAttempt)
            .where(ServiceAttempt.call_id == call_id, ServiceAttempt.kind == "cancel")
        )
        assert tries is not None
        if outcome == "unavailable" and tries <= len(runtime.backoff):
            _try_later(session, call, case.now + timedelta(seconds=runtime.backoff[tries - 1]))
            return
        _told(session, call, case.now)
        if outcome == "told":
            case.note("agency_told", f"{call.title}：已通知部门停止办理", item=call.item)
        elif outcome == "too_late":
            case.note("agency_told", f"{call.title}：部门已办结，未能停止", item=call.item)
        else:
            message = f"未能通知部门停止办理，请电话联系。{note}"
            open_incident(case, "call", str(call.id), call.title, message)
        case.save()


def _on_the_wire(session: Session, call_id: UUID, now: datetime) -> bool:
    return bool(
        session.scalar(
            select(func.count())
            .select_from(ServiceAttempt)
            .where(
                ServiceAttempt.call_id == call_id,
                ServiceAttempt.kind != "cancel",
                ServiceAttempt.ended_at.is_(None),
                ServiceAttempt.started_at > now - ON_THE_WIRE,
            )
        )
    )


def _try_later(session: Session, call: ServiceCall, due_at: datetime) -> None:
    waiting = session.scalar(
        _open_timer(call).values(due_at=due_at, queued_at=None).returning(Timer.id)
    )
    if waiting is None:  # it was told before, and the request arrived after that
        ident = str(call.id)
        session.add(
            Timer(kind="cancel", case_id=call.case_id, ref=ident, detail=ident, due_at=due_at)
        )


def _told(session: Session, call: ServiceCall, now: datetime) -> None:
    session.execute(_open_timer(call).values(fired_at=now))


def _open_timer(call: ServiceCall) -> Update:
    return update(Timer).where(
        Timer.case_id == call.case_id,
        Timer.kind == "cancel",
        Timer.detail == str(call.id),
        Timer.fired_at.is_(None),
    )
