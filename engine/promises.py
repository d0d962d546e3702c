"""The clock of a promise: starting it, stopping it for a special procedure, going on.

Budget, start and pauses are kept on the deadline, so its due time can always be worked out again
(特别程序: a supplement, a condition not yet met).
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, select, update

from engine import letters
from engine.access import WINDOW
from engine.clock import CHINA, at, office_date
from engine.deadlines import paused_days, rung_at
from engine.functions import rule_due, start_dates
from engine.models import Deadline, Timer, WorkItem
from engine.packs.region import DeadlineRule, Lane
from engine.spiff.step import Wait

if TYPE_CHECKING:
    from engine.open_case import OpenCase


def start(case: "OpenCase", wait: Wait) -> Deadline | None:
    """Start the clock an element promises, if any, with its first rung and its reminders."""
    code = wait.properties.get("deadline")
    if code is None:
        return None
    rule = case.config.deadlines[code]
    if rule.unit == "date" and not any(
        start_dates(case.config, case.calendar, rule, case.now, case.data)
    ):
        return None
    started, paused = case.now, 0
    if rule.continues and (before := _before(case, code, wait.item)) is not None:
        started, paused = before.started_at, before.paused_days + _time_out(case, rule, before)
    result = rule_due(case.config, case.calendar, code, started, case.data, paused)
    deadline = Deadline(
        case_id=case.case.id,
        token=wait.token,
        code=code,
        title=rule.title,
        item=wait.item,
        role=role_of(case, wait),
        budget=rule.budget,
        unit=rule.unit,
        started_at=started,
        paused_days=paused,
        due_at=result.due_at,
        legal_due_at=result.legal_due_at,
        provisional=result.provisional,
        state="running",
    )
    case.changes.add(deadline)
    _first_rung(case, deadline)
    _reminders(case, deadline)
    return deadline


def _before(case: "OpenCase", code: str, item: str | None) -> Deadline | None:
    """The clock of the same promise that ran before in this case."""
    query = select(Deadline).where(
        Deadline.case_id == case.case.id,
        Deadline.code == code,
        Deadline.item == item if item else Deadline.item.is_(None),
        Deadline.ended_at.is_not(None),
    )
    return case.session.scalar(query.order_by(Deadline.ended_at.desc()).limit(1))


def _time_out(case: "OpenCase", rule: DeadlineRule, before: Deadline) -> int:
    """What the time since then costs: a special procedure stops the clock (特别程序不计入)."""
    assert before.ended_at is not None
    return paused_days(rule.unit, before.due_at, before.ended_at, case.now, case.calendar)


def pause(case: "OpenCase", token: UUID) -> bool:
    """Stop the clock of a wait; a stopped clock has no rungs and is never overdue."""
    deadline = _of(case, token, "running")
    if deadline is None:
        return False
    deadline.state, deadline.paused_at = "paused", case.now
    case.session.execute(
        delete(Timer).where(
            Timer.case_id == case.case.id, Timer.ref == str(token), Timer.kind == "rung"
        )
    )
    _show(case, token, None, provisional=False)
    return True


def resume(case: "OpenCase", token: UUID) -> bool:
    """Let a stopped clock go on: its end moves by what the pause cost."""
    deadline = _of(case, token, "paused")
    if deadline is None:
        return False
    assert deadline.paused_at is not None
    rule = case.config.deadlines[deadline.code]
    deadline.paused_days += paused_days(
        rule.unit, deadline.due_at, deadline.paused_at, case.now, case.calendar
    )
    moved = rule_due(
        case.config,
        case.calendar,
        deadline.code,
        deadline.started_at,
        case.data,
        deadline.paused_days,
    )
    deadline.due_at, deadline.provisional = moved.due_at, moved.provisional
    deadline.state, deadline.paused_at = "running", None
    _first_rung(case, deadline)
    _show(case, token, deadline.shown_at, provisional=deadline.provisional)
    return True


def recalculate(case: "OpenCase", deadline: Deadline) -> None:
    """Work out an open promise again: a year's calendar was published meanwhile."""
    moved = rule_due(
        case.config,
        case.calendar,
        deadline.code,
        deadline.started_at,
        case.data,
        deadline.paused_days,
    )
    before = (deadline.due_at, deadline.legal_due_at, deadline.provisional)
    if before == (moved.due_at, moved.legal_due_at, moved.provisional):
        return
    old = told(deadline.shown_at, provisional=deadline.provisional)
    deadline.due_at, deadline.legal_due_at = moved.due_at, moved.legal_due_at
    deadline.provisional = moved.provisional
    new = told(deadline.shown_at, provisional=deadline.provisional)
    case.note("deadline_moved", f"时限重新计算：{deadline.title} {old} → {new}", item=deadline.item)
    if deadline.state == "running":
        _show(case, deadline.token, deadline.shown_at, provisional=deadline.provisional)
        _timers_again(case, deadline)


def told(moment: datetime, *, provisional: bool = False) -> str:
    """An instant as a history line tells it."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}{'（预计）' if provisional else ''}"


def next_rung(case: "OpenCase", token: UUID) -> None:
    """A rung of a promise was reached: remind the handler, or tell the supervisor."""
    deadline = _of(case, token, "running")
    if deadline is None:  # paused or ended since the timer was set
        return
    if case.now < deadline.due_at:
        case.note("deadline_near", f"时限将到：{deadline.title}", item=deadline.item)
        case.schedule("rung", str(token), deadline.due_at, "end")
    else:
        case.note("deadline_missed", f"已超期，转主管督办：{deadline.title}", item=deadline.item)
        letters.send(case, letters.department_at(case, token), "overdue", deadline.title)


def role_of(case: "OpenCase", wait: Wait) -> str | None:
    """The role whose work a wait is, by its lane; the applicant is a unit or a person.

    What is brought to a window is entered there (YC-024).
    """
    lane = lane_of(case, wait)
    if lane is None:
        return None
    if lane.window and case.case.channel == WINDOW:
        return lane.window
    return case.case.applicant if lane.role == "applicant" else lane.role


def _timers_again(case: "OpenCase", deadline: Deadline) -> None:
    """Set the rungs and reminders of a promise that moved; those that had their moment stay."""
    of_token = (Timer.case_id == case.case.id) & (Timer.ref == str(deadline.token))
    was_near = case.session.scalar(
        select(Timer.id).where(
            of_token, Timer.kind == "rung", Timer.detail == "near", Timer.fired_at.is_not(None)
        )
    )
    case.session.execute(
        delete(Timer).where(of_token, Timer.kind.in_(("rung", "remind")), Timer.fired_at.is_(None))
    )
    share = case.config.deadlines[deadline.code].near
    near = rung_at(deadline.started_at, deadline.due_at, share, case.calendar, case.config.hours)
    if was_near is None or near > case.now:
        case.schedule("rung", str(deadline.token), max(near, case.now), "near")
    else:
        case.schedule("rung", str(deadline.token), deadline.due_at, "end")
    _reminders(case, deadline)


def _reminders(case: "OpenCase", deadline: Deadline) -> None:
    """When a promise is called to mind before it is due (rules R11)."""
    rule = case.config.deadlines[deadline.code]
    due_on = office_date(deadline.due_at)
    last = case.calendar.last_working_day_on_or_before(due_on)
    days = {due_on - timedelta(days=days) for days in rule.remind_days_before}
    for number in rule.remind_working_days_before:
        days.add(case.calendar.add_working_days(last, -number)[0] if number else last)
    for moment in sorted(at(day, 9) for day in days):
        if moment > case.now:
            detail = f"{rule.remind_notice} {rule.remind_to}"
            case.schedule("remind", str(deadline.token), moment, detail)


def lane_of(case: "OpenCase", wait: Wait) -> Lane | None:
    """The lane a wait is worked in: its own, or that of whoever called the shared step."""
    lane = case.config.lanes.get(wait.lane or "")
    for caller in wait.callers:
        if lane is None or not lane.follows_call:
            break
        lane = case.config.lanes.get(caller)
    return lane


def _first_rung(case: "OpenCase", deadline: Deadline) -> None:
    """The moment the handler is reminded; at the end the supervisor is told."""
    near = case.config.deadlines[deadline.code].near
    moment: datetime = rung_at(case.now, deadline.due_at, near, case.calendar, case.config.hours)
    case.schedule("rung", str(deadline.token), moment, "near")


def _show(case: "OpenCase", token: UUID, due_at: datetime | None, *, provisional: bool) -> None:
    """Let the work item of a wait, if it has one, show when it is due."""
    case.session.execute(
        update(WorkItem)
        .where(WorkItem.token == token, WorkItem.state == "open")
        .values(due_at=due_at, provisional=provisional)
    )


def _of(case: "OpenCase", token: UUID, state: str) -> Deadline | None:
    return case.session.scalar(
        select(Deadline).where(Deadline.token == token, Deadline.state == state)
    )
