"""``calendar``: the working days of a year."""

from datetime import date, timedelta
from typing import Any

from pydantic import Field

from engine.errors import NotFound
from engine.queries.regions import active_releases
from webapp.api.part import Query, Shape, part
from webapp.context import runtime

calendar = part("calendar", "工作日历 calendar")


class CalendarQuery(Query):
    """Which year, and whose calendar; without a region the national one."""

    year: int = Field(ge=1990, le=2200)
    region: str = Field("", max_length=40)


class Year(Shape):
    """Working days of a year; not ``published``: as far as is known before the notice."""

    year: int
    published: bool
    title: str = Field(description="the notice it goes by; empty if nothing is known but the law")
    source: str
    working_days: list[date]


@calendar.get("/calendar")
@calendar.input(CalendarQuery, location="query")
@calendar.output(Year)
def show(query_data: CalendarQuery) -> dict[str, Any]:
    """List the days of a year on which offices work."""
    kept = runtime().calendars[_calendar_of(query_data.region)]
    first, year = date(query_data.year, 1, 1), query_data.year
    notice = kept.notices.get(year)
    days = [first + timedelta(days=number) for number in range(366)]
    return {
        "year": year,
        "published": kept.published(year),
        "title": notice.title if notice else "",
        "source": notice.source if notice else "",
        "working_days": [day for day in days if day.year == year and kept.is_working_day(day)],
    }


def _calendar_of(region: str) -> str:
    if not region:
        return "cn"
    for release in active_releases(runtime()):
        if release.config.code == region:
            return release.config.calendar
    raise NotFound("该地区尚未启用。")
