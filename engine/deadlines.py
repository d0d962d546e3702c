"""When something promised is due (时限): pure calculation, no tables, no clock of its own.

The start day is not counted (民法典 art. 201); working days end with the office's closing hour of
the last day; calendar days roll forward to a working day (art. 203). A promise and its legal
ceiling are both kept, for a promise is not always the stricter one: three working days from a
Friday end on Wednesday, three days by law on Monday.

A pause (补正, 公示, waiting for a person) stops the promise, not the legal ceiling. It is kept as
the number of days it cost, so that a deadline can be worked out again from its start when a
year's calendar is published.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from dateutil.relativedelta import relativedelta

from engine.calendar import DAY, WorkCalendar, days_after
from engine.clock import CHINA, at, office_date
from engine.errors import Invalid
from engine.packs.region import DeadlineRule, OfficeHours

Unit = Literal["working_days", "calendar_days", "same_day", "month_day", "date"]
Tone = Literal["over", "soon", "ok", "paused"]


@dataclass(frozen=True)
class Due:
    """When a promise ends. ``provisional``: a year on the way has no published calendar (预计)."""

    due_at: datetime
    legal_due_at: datetime | None
    provisional: bool

    @property
    def shown_at(self) -> datetime:
        """The earlier of promise and legal ceiling: what people are shown (rules R9)."""
        return min(self.due_at, self.legal_due_at or self.due_at)


class InWords(NamedTuple):
    """What a list says about a due time, and the tone it says it in (never by colour alone)."""

    text: str
    tone: Tone


def due(
    rule: DeadlineRule,
    started: datetime,
    dates: Iterable[str | None],
    calendar: WorkCalendar,
    hours: OfficeHours,
    *,
    paused_days: int = 0,
) -> Due:
    """Work out when a promise ends.

    Args:
        rule: budget, unit and legal ceiling of ``region.toml``.
        started: aware instant at which the element was entered; counts when ``rule.start`` names
            ``now``, and when none of the dates is known yet.
        dates: values of the ``section.field`` starts, ISO dates or instants; None is skipped.
        calendar: working days of the region.
        hours: office hours of the region.
        paused_days: days that pauses have cost so far, see :func:`paused_days`.

    Raises:
        Invalid: a date cannot be read, or the sum leaves the calendar. Do not retry.

    Source: JLG-042 … JLG-050; 民法典 art. 201–203.
    """
    begun = _latest_start(rule, started, dates, hours)
    budget = rule.budget + paused_days
    match rule.unit:
        case "working_days":
            due_at, provisional = _end_of_working_days(begun, budget, calendar, hours)
        case "calendar_days":
            due_at, provisional = _end_of_calendar_days(begun, budget, calendar, hours)
        case "same_day":
            due_at, provisional = _end_of_same_day(begun, paused_days, calendar, hours)
        case "month_day":
            due_at, provisional = _end_of_month_day(begun, rule.budget), False
        case "date":
            due_at, provisional = _at_clock(office_date(begun), hours.closes), False
    legal_due_at = None
    if rule.legal_budget is not None:
        in_days = rule.legal_unit == "calendar_days"
        legal_end = _end_of_calendar_days if in_days else _end_of_working_days
        legal_due_at, legal_provisional = legal_end(begun, rule.legal_budget, calendar, hours)
        provisional = provisional or legal_provisional
    return Due(due_at, legal_due_at, provisional)


def paused_days(
    unit: Unit,
    due_at: datetime,
    paused_at: datetime,
    resumed_at: datetime,
    calendar: WorkCalendar,
) -> int:
    """Count the days a pause cost, to be added to what earlier pauses cost.

    The clock goes on the day after it resumes with the days it had left when it stopped, at
    least one, for nobody can work on the day that is gone. A clock that was overdue stays so.

    Args:
        unit: the rule's unit; ``month_day`` and ``date`` do not pause.
        due_at: when the promise would have ended, had it not been paused.
        paused_at: aware instant of the pause.
        resumed_at: aware instant at which the clock goes on.
        calendar: working days of the region.

    Returns:
        Working days (calendar days for such a rule), 0 or more.
    """
    paused, resumed, end = (office_date(moment) for moment in (paused_at, resumed_at, due_at))
    if unit in ("month_day", "date") or resumed <= paused or due_at < paused_at:
        return 0
    if unit == "calendar_days":
        left = max(1, (end - paused).days)
        return max(0, (resumed - end).days + left)
    left = max(1, calendar.working_days_between(paused, end))
    new_end, _ = calendar.add_working_days(resumed, left)
    return max(0, calendar.working_days_between(end, new_end))


def rung_at(
    started: datetime, due_at: datetime, share: float, calendar: WorkCalendar, hours: OfficeHours
) -> datetime:
    """Return the instant at which a share of the office time of a promise has gone by.

    At 80 % the handler is reminded, at 100 % the supervisor is told. Office time, so that nobody
    is reminded at night of work that could not be done since the evening before.

    Args:
        started: aware instant, the beginning.
        due_at: aware instant, the end.
        share: 0 … 1; 1 gives ``due_at``.
        calendar: working days of the region.
        hours: office hours of the region.
    """
    if share >= 1 or due_at <= started:
        return due_at
    spans = _office_spans(started, due_at, calendar, hours)
    left = sum((end - begin for begin, end in spans), timedelta()) * share
    for begin, end in spans:
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return due_at


def reminder_at(
    due_at: datetime, days_before: int, calendar: WorkCalendar, hours: OfficeHours
) -> datetime:
    """Return the opening hour of the last working day at least so many days before the due day.

    ``0`` reminds on the due day itself, or before it when offices rest on it (rules R11).
    """
    day = calendar.last_working_day_on_or_before(days_after(office_date(due_at), -days_before))
    return _at_clock(day, hours.opens)


def in_words(
    due_at: datetime,
    now: datetime,
    calendar: WorkCalendar,
    *,
    paused: bool = False,
    provisional: bool = False,
) -> InWords:
    """Say how much time is left, as lists show it: ``剩 3 个工作日``, ``今日到期``, ``超期 2 日``.

    Args:
        due_at: aware instant shown to people (the earlier of promise and ceiling).
        now: aware instant.
        calendar: working days of the region.
        paused: the clock stands still.
        provisional: the due day may still move; put ``预计`` before it.
    """
    if paused:
        return InWords("中止计时", "paused")
    today, last = office_date(now), office_date(due_at)
    if now > due_at:
        days = (today - last).days
        return InWords(f"超期 {days} 日" if days else "今日超期", "over")
    mark = "预计" if provisional else ""
    if last == today:
        return InWords(f"{mark}今日到期", "soon")
    left = calendar.working_days_between(today, last)
    if left == 0:  # due on a rest day before offices open again
        return InWords(f"{mark}剩 {(last - today).days} 日", "soon")
    return InWords(f"{mark}剩 {left} 个工作日", "soon" if left == 1 else "ok")


def _latest_start(
    rule: DeadlineRule, started: datetime, dates: Iterable[str | None], hours: OfficeHours
) -> datetime:
    known = [_instant(text, hours) for text in dates if text]
    if "now" in rule.start or not known:
        known.append(started)
    return max(known)


def _instant(text: str, hours: OfficeHours) -> datetime:
    """Read an ISO instant; a bare date means that day's opening hour."""
    try:
        if len(text) == 10:
            return _at_clock(date.fromisoformat(text), hours.opens)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Invalid(f"时限的起算日期“{text[:40]}”无法识别。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _end_of_working_days(
    begun: datetime, budget: int, calendar: WorkCalendar, hours: OfficeHours
) -> tuple[datetime, bool]:
    day, provisional = calendar.add_working_days(office_date(begun), budget)
    return _at_clock(day, hours.closes), provisional


def _end_of_calendar_days(
    begun: datetime, budget: int, calendar: WorkCalendar, hours: OfficeHours
) -> tuple[datetime, bool]:
    day = calendar.roll_forward(days_after(office_date(begun), budget))
    # Only the last day asks the calendar; the days on the way are simply counted.
    return _at_clock(day, hours.closes), not calendar.published(day.year)


def _end_of_same_day(
    begun: datetime, paused: int, calendar: WorkCalendar, hours: OfficeHours
) -> tuple[datetime, bool]:
    """By closing time; begun after hours or on a rest day, by closing of the next working day."""
    day = office_date(begun)
    if not calendar.is_working_day(day) or begun >= _at_clock(day, hours.closes):
        day = calendar.roll_forward(day + DAY)
    if paused:
        day, _ = calendar.add_working_days(day, paused)
    return _at_clock(day, hours.closes), not calendar.published(day.year)


def _end_of_month_day(begun: datetime, day_of_month: int) -> datetime:
    """End of the next such day of a month, that day included; an internal duty never rolls."""
    today = office_date(begun)
    # ``day`` clamps to the month's end: a duty of the 31st falls on 30 April.
    due_day = today + relativedelta(day=day_of_month)
    if due_day < today:
        due_day = today + relativedelta(months=1, day=day_of_month)
    return at(due_day + DAY) - timedelta(seconds=1)


def _office_spans(
    started: datetime, due_at: datetime, calendar: WorkCalendar, hours: OfficeHours
) -> list[tuple[datetime, datetime]]:
    """The stretches of office time between two instants."""
    spans = []
    day, last = office_date(started), office_date(due_at)
    while day <= last:
        if calendar.is_working_day(day):
            begin = max(started, _at_clock(day, hours.opens))
            end = min(due_at, _at_clock(day, hours.closes))
            if begin < end:
                spans.append((begin, end))
        day += DAY
    return spans


def _at_clock(day: date, clock: str) -> datetime:
    """The instant at which the office's clock shows ``HH:MM`` on this day."""
    wall = time.fromisoformat(clock)
    return at(day, wall.hour, wall.minute)
