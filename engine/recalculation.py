"""时限重新计算: a year's calendar was published, so what was counted over it is counted again.

The import sets one timer a few seconds ahead, when all processes have seen the new calendar. It
sets a timer for every case with a deadline that was provisional or crosses the year; these are
worked off one by one under the case's lock. Budget, start and pauses are kept on the deadline.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import extract, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from engine import promises
from engine.date_functions import working_day_functions
from engine.errors import EngineError
from engine.expressions import calls
from engine.file_timers import reschedule_files
from engine.functions import case_functions
from engine.incidents import open_incident
from engine.models import Deadline, RegionActivation, Timer
from engine.open_case import OpenCase
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime
from engine.starts import move_starts

CALENDAR = "calendar"
#: Longer than any process works with calendars of before (``engine.calendars``).
SETTLED = timedelta(seconds=5)


def recalculate_later(session: Session, year: int, now: datetime) -> None:
    """Have everything counted over a year counted again, once all processes know the year."""
    session.add(Timer(kind=CALENDAR, ref=str(year), due_at=now + SETTLED, set_at=now))


def recalculate_all(runtime: Runtime, session: Session, timer: Timer) -> None:
    """Set a timer for every case a year touches, and move what begins by itself."""
    year, now = int(timer.ref), runtime.clock.now()
    crosses = (extract("year", Deadline.started_at) <= year) & (
        extract("year", func.greatest(Deadline.due_at, Deadline.legal_due_at)) >= year
    )
    by_deadline = select(Deadline.case_id).where(
        Deadline.ended_at.is_(None), or_(Deadline.provisional, crosses)
    )
    by_timer = select(Timer.case_id).where(
        Timer.kind == "bpmn", Timer.fired_at.is_(None), extract("year", Timer.due_at) >= year
    )
    cases = by_deadline.union(by_timer).subquery()
    session.execute(
        insert(Timer).from_select(
            ["id", "kind", "case_id", "ref", "due_at", "set_at"],
            select(
                func.gen_random_uuid(),
                literal(CALENDAR),
                cases.c.case_id,
                literal(timer.ref),
                literal(now),
                literal(now),
            ).where(cases.c.case_id.is_not(None)),
        )
    )
    for region in session.scalars(select(RegionActivation.region).distinct()):
        release = runtime.releases.active(session, region, now)
        move_starts(runtime, session, release)
        if _days_of_files_ask_the_calendar(release):
            reschedule_files(session, region, now)


def recalculate(case: OpenCase) -> None:
    """Work out the open deadlines and timers of a case with the calendar of today."""
    if case.case.status != "running":
        return
    for deadline in case.session.scalars(
        select(Deadline).where(Deadline.case_id == case.case.id, Deadline.ended_at.is_(None))
    ):
        promises.recalculate(case, deadline)
    for timer in case.session.scalars(
        select(Timer).where(
            Timer.case_id == case.case.id, Timer.kind == "bpmn", Timer.fired_at.is_(None)
        )
    ):
        _move(case, timer)


def asks_calendar(expression: str) -> bool:
    """Whether an expression depends on which days offices work."""
    return any(name in _ASKING for name, _ in calls(expression))


def _move(case: OpenCase, timer: Timer) -> None:
    """Give a waiting timer of the diagram the time its expression gives today.

    It is worked out for the instant at which it was set, so that only the calendar can move it.
    """
    token = UUID(timer.ref)
    if timer.set_at is None or not asks_calendar(case.instance.timer_expression(token)):
        return
    functions = case_functions(
        case.config, case.calendar, timer.set_at, case.data, case.release.pack.tables
    )
    try:
        due_at = case.instance.timer_due(token, functions)
    except EngineError as error:  # its facts are gone: it stays where it is
        open_incident(case, "timer", str(timer.id), "定时未能重新计算", error.message)
        return
    if due_at != timer.due_at:
        moved = f"{promises.told(timer.due_at)} → {promises.told(due_at)}"
        case.note("deadline_moved", f"等待时间重新计算：{moved}")
        case.instance.move_timer(token, due_at)
        timer.due_at, timer.queued_at = due_at, None


def _days_of_files_ask_the_calendar(release: LoadedRelease) -> bool:
    return any(asks_calendar(rule.at) for rule in release.config.file_timers.values())


_ASKING = frozenset({"deadline", *working_day_functions(None)})  # type: ignore[arg-type]
