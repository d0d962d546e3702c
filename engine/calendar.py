"""Which days offices work: the working-day calendar (工作日历).

The State Council publishes each year's rest days and make-up working days in one notice, usually
in November of the year before. ``processes/calendar/<year>.json`` keeps a notice as it reads: one
line per holiday with its first and last rest day and its make-up days. A year whose notice is not
out has a file of status ``provisional`` (statutory days only) or none; then weekends and the
holidays with fixed dates rest, and everything counted over such a year is provisional (预计).

Sources: 全国年节及纪念日放假办法 (2024-11-10); 民法典 art. 201–203 (first day not counted, month
ends, rolling forward). Local rest days (art. 4) come from an overlay folder of the same format.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.errors import Invalid

DAY = timedelta(days=1)
#: Nothing an office promises takes longer; a bigger number is a slip or an attack.
LONGEST = 5000
#: Statutory holidays on the same date every year (放假办法 art. 2); the others follow the moon.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class Holiday(BaseModel):
    """One sentence of a notice: rest from … to …, work on the make-up days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    make_up: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        if not DAY * 0 <= self.last - self.first <= DAY * 31:
            raise ValueError(f"{self.name}的起止日期不合理")
        if any(self.first <= day <= self.last for day in self.make_up):
            raise ValueError(f"{self.name}的补班日落在放假期间")
        return self

    def rest_days(self) -> Iterator[date]:
        """Yield every rest day, weekend days among them."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + DAY * offset


class YearNotice(BaseModel):
    """The holidays of one year, as published or as worked out from the law."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    year: int = Field(ge=1990, le=2200)
    title: str
    source: str = ""
    status: Literal["published", "provisional"]
    holidays: tuple[Holiday, ...]

    @model_validator(mode="after")
    def _own_year(self) -> Self:
        # A notice may move the last days of December before its year (2018-12-31 was such a day).
        first, last = date(self.year - 1, 12, 1), date(self.year, 12, 31)
        for holiday in self.holidays:
            for day in (holiday.first, holiday.last, *holiday.make_up):
                if not first <= day <= last:
                    raise ValueError(f"{holiday.name}的日期 {day} 不属于 {self.year} 年")
        return self


def left_out(notice: YearNotice) -> list[str]:
    """Name the statutory holidays (放假办法 art. 2) a national notice says nothing about.

    Those that follow the moon or the sun are known by name only, so a sheet without names is
    held against the fixed dates alone.
    """
    rest = {day for holiday in notice.holidays for day in holiday.rest_days()}
    fixed = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节"}
    missing = [
        name for (month, day), name in fixed.items() if date(notice.year, month, day) not in rest
    ]
    told = "".join(holiday.name for holiday in notice.holidays)
    moving = ("春节", "清明", "端午", "中秋")
    if any(name in told for name in (*moving, *fixed.values())):
        missing += [name for name in moving if name not in told]
    return missing


class WorkCalendar:
    """The days on which the offices of a region work."""

    def __init__(self, notices: Iterable[YearNotice], overlays: Iterable[YearNotice] = ()) -> None:
        national, overlays = list(notices), list(overlays)
        #: year → its national notice, and → its local one
        self.notices = {n.year: n for n in national}
        self.overlays = {n.year: n for n in overlays}
        self._published = {n.year for n in national if n.status == "published"}
        self._known = {n.year for n in national}
        self._rest: set[date] = set()
        self._work: set[date] = set()
        for notice in (*national, *overlays):
            for holiday in notice.holidays:
                self._rest.update(holiday.rest_days())
                self._work.update(holiday.make_up)
        # A local rest day wins over a national make-up day: the later notice knew the earlier.
        for notice in overlays:
            for holiday in notice.holidays:
                self._work.difference_update(holiday.rest_days())

    @classmethod
    def load(cls, folder: Path, overlay: str = "cn") -> Self:
        """Read all notices of a folder, and those of its sub-folder ``overlay`` if there is one.

        Args:
            folder: holds ``<year>.json``.
            overlay: ``calendar`` of ``region.toml``; ``cn`` means the national calendar alone.

        Raises:
            Invalid: a file is not a notice; ``errors`` maps file names to messages. Do not retry.
        """
        national = read_years(folder)
        return cls(national, [] if overlay == "cn" else read_years(folder / overlay))

    def published(self, year: int) -> bool:
        """Say whether the State Council's notice for the year is out (and in the files)."""
        return year in self._published

    def rests(self, day: date) -> str:
        """Name the holiday on which offices rest on this day; empty on other days."""
        for notice in (self.overlays.get(day.year), *self._around(day)):
            for holiday in notice.holidays if notice else ():
                if holiday.first <= day <= holiday.last and not self.is_working_day(day):
                    return holiday.name
        return ""

    def _around(self, day: date) -> tuple[YearNotice | None, YearNotice | None]:
        """The notices that may name a day: its year's, and the next, which may reach back."""
        return self.notices.get(day.year), self.notices.get(day.year + 1)

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on this day; for an unpublished year, as far as is known."""
        if day in self._work:
            return True
        if day in self._rest or day.weekday() >= 5:
            return False
        return day.year in self._known or (day.month, day.day) not in FIXED_HOLIDAYS

    def add_working_days(self, start: date, days: int) -> tuple[date, bool]:
        """Count working days from a day that is itself not counted (民法典 art. 201).

        Args:
            start: the day of the event.
            days: working days; negative counts back, 0 rolls forward to a working day.

        Returns:
            The day reached, and whether it is provisional because a year was not published.

        Raises:
            Invalid: more days than any promise has, or beyond the calendar. Do not retry.
        """
        if abs(days) > LONGEST:
            raise Invalid(f"工作日数 {days} 过大。")
        if days == 0:
            day = self.roll_forward(start)
        else:
            day, step, left = start, DAY if days > 0 else -DAY, abs(days)
            while left:
                day = _moved(day, step)
                left -= self.is_working_day(day)
        return day, self.provisional(start, day)

    def working_days_between(self, start: date, end: date) -> int:
        """Count working days after ``start`` up to and including ``end``; negative backwards."""
        if end < start:
            return -self.working_days_between(end, start)
        days = (end - start).days
        if days > LONGEST * 2:
            raise Invalid("两个日期相距过远。")
        return sum(self.is_working_day(start + DAY * n) for n in range(1, days + 1))

    def roll_forward(self, day: date) -> date:
        """Return the day, or the next working day if offices rest on it (民法典 art. 203)."""
        while not self.is_working_day(day):
            day = _moved(day, DAY)
        return day

    def last_working_day_on_or_before(self, day: date) -> date:
        """Return the day, or the last working day before it: when an internal duty is reminded."""
        while not self.is_working_day(day):
            day = _moved(day, -DAY)
        return day

    def provisional(self, start: date, end: date) -> bool:
        """Say whether counting from one day to another crosses a year without a notice."""
        years = range(min(start, end).year, max(start, end).year + 1)
        return any(not self.published(year) for year in years)


def months_after(day: date, months: int) -> date:
    """Return the corresponding day some months on, or the month's end (民法典 art. 202).

    Raises:
        Invalid: the result lies outside the calendar. Do not retry.
    """
    if abs(months) > LONGEST:
        raise Invalid(f"月数 {months} 过大。")
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        raise Invalid("日期超出日历范围。") from None


def months_before(day: date, months: int) -> date:
    """Return the corresponding day some months back, or the month's end: ``前 N 个月``.

    Not rolled to a working day: it is an earliest or target date, not the end of a period.
    """
    return months_after(day, -months)


def days_after(day: date, days: int) -> date:
    """Return the day some calendar days on (not rolled).

    Raises:
        Invalid: the result lies outside the calendar. Do not retry.
    """
    if abs(days) > LONGEST * 10:
        raise Invalid(f"天数 {days} 过大。")
    return _moved(day, DAY * days)


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        raise Invalid("日期超出日历范围。") from None


def read_years(folder: Path) -> list[YearNotice]:
    """Read every ``<year>.json``; all mistakes of all files are reported at once in ``Invalid``."""
    notices: list[YearNotice] = []
    errors: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            notice = read_notice(json.loads(path.read_text(encoding="utf-8")))
            if path.stem != str(notice.year):
                raise Invalid(f"文件名应为 {notice.year}.json。")
            notices.append(notice)
        except Invalid as error:
            errors[path.name] = error.message
        except (ValueError, RecursionError):
            errors[path.name] = "不是有效的 JSON 文件。"
    if errors:
        raise Invalid(
            "工作日历文件有误：" + "；".join(f"{k} {v}" for k, v in errors.items()), errors
        )
    return notices


def read_notice(raw: object) -> YearNotice:
    """Read one year's notice from parsed JSON: a calendar file, or an import.

    Raises:
        Invalid: it is not a notice; the message points to the place. Do not retry.
    """
    if not isinstance(raw, Mapping):
        raise Invalid("工作日历应为一个 JSON 对象。")
    try:
        return YearNotice.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise Invalid(f"{place or '工作日历'}：{message}", {place: message}) from error
