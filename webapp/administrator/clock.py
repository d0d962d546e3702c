"""演示时钟: moving time forward, so that a case of months can be seen in minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import months_after
from engine.clock import CHINA, office_date
from engine.demo_clock import DemoClock
from engine.queries.administration import next_timers
from webapp.context import actor, runtime, settings
from webapp.display import moment

TIMER_KINDS = {
    "bpmn": "流程等待到时",
    "rung": "时限提醒与督办",
    "remind": "到期提醒",
    "retry": "重新发送请求",
    "start": "批次开始",
    "calendar": "时限重新计算",
}


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/clock", "clock", show)
    pages.add_url_rule("/clock", "advance_clock", advance, methods=["POST"])


def show() -> ResponseReturnValue:
    """Show the time and what will happen next."""
    _clock()
    timers = next_timers(runtime(), actor())
    return render_template("administrator/clock.html", timers=timers, kinds=TIMER_KINDS)


def advance() -> ResponseReturnValue:
    """Move time forward by one of the steps."""
    clock = _clock()
    step = STEPS.get(request.form.get("step", ""))
    if step is None:
        abort(400)
    now = clock.now()
    target = step(now)
    if target is None:
        flash("没有等待到时的事，时间未变。", "info")
    else:
        clock.advance(max(target - now, timedelta()))
        flash(f"演示时间已推进到 {moment(clock.now())}，到时的事将在几秒内办理。", "success")
    return redirect(url_for("administrator.clock"))


def _clock() -> DemoClock:
    clock = runtime().clock
    if not settings().demo or not isinstance(clock, DemoClock):
        abort(404)
    return clock


def _day(now: datetime) -> datetime:
    return now + timedelta(days=1)


def _week(now: datetime) -> datetime:
    calendar = runtime().calendars["cn"]
    target, _ = calendar.add_working_days(office_date(now), 5)
    return datetime.combine(target, now.astimezone(CHINA).timetz())


def _month(now: datetime) -> datetime:
    return datetime.combine(months_after(office_date(now), 1), now.astimezone(CHINA).timetz())


def _next(_now: datetime) -> datetime | None:
    timers = next_timers(runtime(), actor(), limit=1)
    return timers[0][0].due_at + timedelta(seconds=1) if timers else None


STEPS: dict[str, Callable[[datetime], datetime | None]] = {
    "day": _day,
    "week": _week,
    "month": _month,
    "next": _next,
}
