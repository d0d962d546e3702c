"""The working-day calendars as pages show them: a year at a glance, and where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.access import Actor
from engine.calendar import WorkCalendar, YearNotice
from engine.calendars import NATIONAL
from engine.models import CalendarYear
from engine.queries.regions import active_releases
from engine.runtime import Runtime


@dataclass(frozen=True)
class DayCell:
    """A day of a month: ``kind`` is work, weekend, rest or make_up; ``name`` of the holiday."""

    day: date
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Month:
    """A month in weeks of seven, beginning on Monday; days of other months are None."""

    number: int
    weeks: tuple[tuple[DayCell | None, ...], ...]
    working_days: int


@dataclass(frozen=True)
class CalendarPage:
    """A year of a calendar.

    Args:
        notice: the national one; None if nothing is known but the law.
        overlay: the region's own, for calendars other than the national one.
        imported_by, imported_at: of the notice of this very calendar, if it was imported.
    """

    calendar: str
    year: int
    months: tuple[Month, ...]
    published: bool
    notice: YearNotice | None
    overlay: YearNotice | None
    imported_by: str = ""
    imported_at: datetime | None = None

    @property
    def working_days(self) -> int:
        """Working days of the year."""
        return sum(month.working_days for month in self.months)


def calendar_page(runtime: Runtime, calendar: str, year: int) -> CalendarPage:
    """Show a year of a calendar, one of ``runtime.calendars``."""
    kept = runtime.calendars[calendar]
    with runtime.reading() as session:
        row = session.get(CalendarYear, (calendar, year))
    return CalendarPage(
        calendar,
        year,
        months_of(kept, year),
        kept.published(year),
        kept.notices.get(year),
        kept.overlays.get(year),
        row.imported_by if row else "",
        row.at if row else None,
    )


def months_of(calendar: WorkCalendar, year: int) -> tuple[Month, ...]:
    """The months of a year, for a calendar that may not be published yet."""
    return tuple(_month(calendar, year, number) for number in range(1, 13))


def administered_calendars(runtime: Runtime, actor: Actor) -> Sequence[str]:
    """The calendars an administrator may publish: the national one, and those of their regions."""
    theirs = [
        release.config.calendar
        for release in active_releases(runtime)
        if actor.holds("admin", release.config.code)
    ]
    return list(dict.fromkeys([NATIONAL, *theirs])) if theirs else []


def _month(calendar: WorkCalendar, year: int, number: int) -> Month:
    first = date(year, number, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    days = [first + timedelta(days=n) for n in range((following - first).days)]
    cells: list[DayCell | None] = [None] * first.weekday()
    cells += [_cell(calendar, day) for day in days]
    cells += [None] * (-len(cells) % 7)
    weeks = tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))
    return Month(number, weeks, sum(map(calendar.is_working_day, days)))


def _cell(calendar: WorkCalendar, day: date) -> DayCell:
    if calendar.is_working_day(day):
        return DayCell(day, "make_up" if day.weekday() >= 5 else "work")
    name = calendar.rests(day)
    return DayCell(day, "rest" if name or day.weekday() < 5 else "weekend", name)
