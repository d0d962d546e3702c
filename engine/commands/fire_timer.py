"""What happens when a timer is due."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine import promises
from engine.advance import advance
from engine.file_timers import FILE, FILES
from engine.incidents import open_incident
from engine.models import Timer
from engine.notices import notify
from engine.open_case import OpenCase
from engine.recalculation import CALENDAR, recalculate, recalculate_all
from engine.runtime import Runtime
from engine.starts import (
    START,
    STARTS,
    reschedule_some,
    reschedule_starts,
    start_by_file_timer,
    start_by_timer,
)


def fire_timer(runtime: Runtime, timer_id: UUID) -> bool:
    """Let a due timer do its work, once; ``False`` when it is gone, fired or not due."""
    with runtime.transaction() as session:
        timer = session.get(Timer, timer_id)
        if timer is None:
            return False
        if timer.case_id is None:
            return _begin(runtime, session, timer)
        case = OpenCase.lock(runtime, session, timer.case_id)
        # with the case locked: a submit may have ended the wait, another worker have fired it
        timer = session.get(Timer, timer_id, populate_existing=True)
        if timer is None or timer.fired_at is not None or timer.due_at > case.now:
            return False
        timer.fired_at = case.now
        {
            "bpmn": _bpmn,
            "rung": _rung,
            "remind": _remind,
            "retry": _retry,
            "cancel": _cancel,
            "calendar": _calendar,
        }[timer.kind](case, timer)
        case.save()
        return True


def abandon_timer(runtime: Runtime, timer_id: UUID, message: str) -> None:
    """Give up on a timer whose work fails for good: an incident instead of trying for ever."""
    with runtime.transaction() as session:
        timer = session.get(Timer, timer_id)
        if timer is None or timer.case_id is None:
            return
        case = OpenCase.lock(runtime, session, timer.case_id)
        timer = session.get(Timer, timer_id, populate_existing=True)
        if timer is None or timer.fired_at is not None:
            return
        timer.fired_at = case.now
        open_incident(case, "timer", str(timer_id), "到期事项未能处理", message)
        case.save()


def _begin(runtime: Runtime, session: Session, timer: Timer) -> bool:
    """A timer that belongs to no case; its own row is what two workers compete for."""
    session.refresh(timer, with_for_update=True)
    if timer.fired_at is not None or timer.due_at > runtime.clock.now():
        return False
    timer.fired_at = runtime.clock.now()
    session.flush()
    {
        START: start_by_timer,
        STARTS: reschedule_starts,
        FILE: start_by_file_timer,
        FILES: reschedule_some,
        CALENDAR: recalculate_all,
    }[timer.kind](runtime, session, timer)
    return True


def _bpmn(case: OpenCase, timer: Timer) -> None:
    advance(case, case.instance.fire_timer(UUID(timer.ref)))


def _rung(case: OpenCase, timer: Timer) -> None:
    promises.next_rung(case, UUID(timer.ref))


def _remind(case: OpenCase, timer: Timer) -> None:
    assert timer.detail is not None
    notice, _, audience = timer.detail.partition(" ")
    notify(case, notice, audience or "person")


def _retry(case: OpenCase, timer: Timer) -> None:
    assert timer.detail is not None
    case.outbox.try_call(UUID(timer.detail))


def _calendar(case: OpenCase, timer: Timer) -> None:
    recalculate(case)


def _cancel(case: OpenCase, timer: Timer) -> None:
    assert timer.detail is not None
    timer.fired_at = None  # not before the agency was told
    case.outbox.tell_cancelled(UUID(timer.detail))
