"""What happens when a timer is due."""

from uuid import UUID

from engine import promises
from engine.models import Timer
from engine.open_case import OpenCase
from engine.runtime import Runtime


def fire_timer(runtime: Runtime, timer_id: UUID) -> bool:
    """Let a due timer do its work, once; ``False`` when it is gone, fired or not due."""
    with runtime.transaction() as session:
        timer = session.get(Timer, timer_id)
        if timer is None or timer.case_id is None:
            return False
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
        }[timer.kind](case, timer)
        case.save()
        return True


def _bpmn(case: OpenCase, timer: Timer) -> None:
    case.apply(case.instance.fire_timer(UUID(timer.ref)))


def _rung(case: OpenCase, timer: Timer) -> None:
    promises.next_rung(case, UUID(timer.ref))


def _remind(case: OpenCase, timer: Timer) -> None:
    assert timer.detail is not None
    case.notify(timer.detail, "person")


def _retry(case: OpenCase, timer: Timer) -> None:
    assert timer.detail is not None
    case.try_call(UUID(timer.detail))


def _cancel(case: OpenCase, timer: Timer) -> None:
    assert timer.detail is not None
    case.tell_cancelled(UUID(timer.detail))
