"""Stretches of time: weeks, months, quarters, years, or from one day to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from dateutil.relativedelta import relativedelta

from engine.calendar import DAY
from engine.clock import at
from engine.errors import Invalid
from engine.packs.reports import Stretch

PeriodName = Literal["week", "month", "quarter", "year", "custom"]
PERIODS: Mapping[PeriodName, str] = {
    "week": "本周",
    "month": "本月",
    "quarter": "本季度",
    "year": "本年",
    "custom": "自选起止日期",
}
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
#: The longest stretch that may be chosen.
LONGEST = timedelta(days=366 * 5)
_STEP: Mapping[Stretch, relativedelta] = {
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


@dataclass(frozen=True)
class Period:
    """From one day to another, both included, as offices count them."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        """The instant it begins."""
        return at(self.first)

    @property
    def end(self) -> datetime:
        """The instant it is over."""
        return at(self.last + DAY)

    def __str__(self) -> str:
        return f"{self.first} 至 {self.last}"


def read_period(name: str, first: str, last: str, today: date) -> Period:
    """The period somebody chose.

    Args:
        name: one of ``PERIODS``; anything else is this month.
        first, last: ISO dates of a period of one's own.

    Raises:
        Invalid: a date is missing, unreadable, or after the other; ``errors`` names ``first`` or
            ``last``. Do not retry.
    """
    if name != "custom":
        return stretch(name if name in get_args(Stretch) else "month", today)  # type: ignore[arg-type]
    errors = {}
    days = {}
    for place, words in (("first", first), ("last", last)):
        try:
            days[place] = date.fromisoformat(words.strip())
        except ValueError:
            errors[place] = "请填写日期，例如 2026-11-01。"
            continue
        if not EARLIEST <= days[place] <= LATEST:
            errors[place] = f"请填写 {EARLIEST.year} 至 {LATEST.year} 年之间的日期。"
    if not errors and days["last"] < days["first"]:
        errors["last"] = "截止日期不能早于开始日期。"
    elif not errors and days["last"] - days["first"] > LONGEST:
        errors["last"] = "起止日期最长五年。"
    if errors:
        raise Invalid("统计期间填写有误。", errors)
    return Period(days["first"], days["last"])


def stretch(kind: Stretch, day: date) -> Period:
    """The week (from Monday), month, quarter or year a day lies in."""
    first = {
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }[kind]
    return Period(first, first + _STEP[kind] - DAY)


def trail(kind: Stretch, until: date, count: int) -> list[Period]:
    """So many weeks, months … up to the one a day lies in, the earliest first."""
    newest = stretch(kind, until).first
    return [stretch(kind, newest - _STEP[kind] * back) for back in reversed(range(count))]


def called(kind: Stretch, period: Period) -> str:
    """What people call a stretch of this kind."""
    first = period.first
    match kind:
        case "week":
            return f"{first:%m-%d} 至 {period.last:%m-%d}"
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year} 年第 {(first.month + 2) // 3} 季度"
        case "year":
            return f"{first.year} 年"
