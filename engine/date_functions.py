"""Functions of expressions that move about in the calendar. ISO dates in, ISO dates out."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from dateutil.relativedelta import relativedelta

from engine.calendar import WorkCalendar, days_after, months_after, months_before
from engine.errors import Invalid

Function = Callable[..., Any]


def date_functions(today: Callable[[], date]) -> Mapping[str, Function]:
    """Those that need no working days.

    Args:
        today: gives the office's date.
    """

    def next_month_day(n: int) -> str:
        return _next(today(), relativedelta(day=_whole(n, 31)), relativedelta(months=1))

    def next_year_day(month: int, day: int) -> str:
        place = relativedelta(month=_whole(month, 12), day=_whole(day, 31))
        return _next(today(), place, relativedelta(years=1))

    return {
        "today": lambda: today().isoformat(),
        "days_after": lambda day, n: days_after(_date(day), n).isoformat(),
        "months_after": lambda day, n: months_after(_date(day), n).isoformat(),
        "months_before": lambda day, n: months_before(_date(day), n).isoformat(),
        "days_between": lambda a, b: (_date(b) - _date(a)).days,
        "months_between": lambda a, b: _whole_months(_date(a), _date(b)),
        "months_apart": lambda a, b: _month(b) - _month(a),
        "first_of_month": lambda day: _date(day).replace(day=1).isoformat(),
        "last_of_month": lambda day: (_date(day) + relativedelta(day=31)).isoformat(),
        "quarter_start": lambda day: _quarter(_date(day)).isoformat(),
        "next_quarter_start": lambda day: months_after(_quarter(_date(day)), 3).isoformat(),
        "next_month_day": next_month_day,
        "next_year_day": next_year_day,
        "year_of": lambda day: _date(day).year,
        "month_of": lambda day: _date(day).month,
        "day_of": lambda day: _date(day).day,
    }


def working_day_functions(calendar: WorkCalendar) -> Mapping[str, Function]:
    """Those that ask which days the offices of a region work."""

    def moved(day: str, n: int) -> str:
        return calendar.add_working_days(_date(day), n)[0].isoformat()

    return {
        "is_working_day": lambda day: calendar.is_working_day(_date(day)),
        "working_days_after": moved,
        "working_days_before": lambda day, n: moved(day, -n),
        "working_days_between": lambda a, b: calendar.working_days_between(_date(a), _date(b)),
        "first_working_day": lambda day: calendar.roll_forward(_date(day)).isoformat(),
        "first_working_day_of_month": lambda day: calendar.roll_forward(
            _date(day).replace(day=1)
        ).isoformat(),
        "last_working_day_before": lambda day: calendar.last_working_day_on_or_before(
            _date(day)
        ).isoformat(),
    }


def tolerant(function: Function) -> Function:
    """What is not yet known (``None``) gives ``None``; it never stops a case."""

    @wraps(function)
    def call(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return call


def _next(today: date, place: relativedelta, period: relativedelta) -> str:
    """The next such day, today included; a day a month has not is its last."""
    day = today + place
    return (day if day >= today else today + period + place).isoformat()


def _whole(n: Any, most: int) -> int:
    if not isinstance(n, int) or not 1 <= n <= most:
        raise Invalid(f"应为 1 至 {most} 的整数，现为“{n}”。")
    return n


def _whole_months(start: date, end: date) -> int:
    """Months from one day to the other by corresponding days (民法典 art. 202), backwards < 0."""
    if end < start:
        return -_whole_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months_after(start, months) <= end else months - 1


def _month(text: str) -> int:
    day = _date(text)
    return day.year * 12 + day.month


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _date(text: str) -> date:
    return date.fromisoformat(text[:10])
