"""The working-day calendar: published notices, unpublished years, counting and rolling."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import (
    WorkCalendar,
    days_after,
    left_out,
    months_after,
    months_before,
    read_notice,
)
from engine.errors import Invalid

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "processes" / "calendar"
VECTORS = json.loads((ROOT / "tests/data/vectors.json").read_text(encoding="utf-8"))
CALENDAR = WorkCalendar.load(FOLDER)

published_days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_published_years_have_the_known_number_of_working_days(
    year: int, working_days: int
) -> None:
    assert CALENDAR.published(year)
    assert sum(map(CALENDAR.is_working_day, days_of(year))) == working_days


@pytest.mark.parametrize(
    ("year", "make_up"),
    [
        (2024, "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12"),
        (2025, "01-26 02-08 04-27 09-28 10-11"),
        (2026, "01-04 02-14 02-28 05-09 09-20 10-10"),
    ],
)
def test_only_the_make_up_days_of_the_notice_are_worked_at_weekends(
    year: int, make_up: str
) -> None:
    worked = [day for day in days_of(year) if day.weekday() >= 5 and CALENDAR.is_working_day(day)]
    assert [f"{day:%m-%d}" for day in worked] == make_up.split()


@pytest.mark.parametrize("vector", VECTORS["workdays"], ids=lambda v: f"{v['start']}+{v['n']}")
def test_working_days_are_counted_as_in_the_vectors(vector: dict[str, Any]) -> None:
    due, provisional = CALENDAR.add_working_days(d(vector["start"]), vector["n"])
    assert (due.isoformat(), provisional) == (vector["due"], False)


def test_counting_into_an_unpublished_year_gives_a_provisional_day() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 29), 5) == (date(2027, 1, 6), True)


def test_a_year_without_any_file_still_rests_at_weekends_and_on_fixed_holidays() -> None:
    assert not CALENDAR.published(2044)
    assert not CALENDAR.is_working_day(date(2044, 10, 3))  # a Monday
    assert CALENDAR.is_working_day(date(2044, 10, 4))
    assert not CALENDAR.is_working_day(date(2044, 10, 8))  # a Saturday
    assert CALENDAR.add_working_days(date(2044, 9, 30), 1) == (date(2044, 10, 4), True)


def test_a_provisional_file_knows_the_holidays_of_the_moon_but_is_not_published() -> None:
    assert not CALENDAR.published(2027)
    assert not CALENDAR.is_working_day(date(2027, 6, 9))  # Dragon Boat, a Wednesday


@pytest.mark.parametrize("vector", VECTORS["month_back"], ids=str)
def test_months_back_clamp_to_the_months_end(vector: list[Any]) -> None:
    start, months, expected = vector
    assert months_before(d(start), -months) == d(expected)
    assert months_after(d(start), months) == d(expected)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2027-05-20", 6, "2026-11-20"),
        ("2027-05-20", 2, "2027-03-20"),
        ("2027-05-20", 1, "2027-04-20"),
        ("2027-04-30", 6, "2026-10-30"),
        ("2027-04-30", 2, "2027-02-28"),
        ("2027-04-30", 1, "2027-03-30"),
    ],
)
def test_the_jilin_timeline_counts_months_back_from_retirement(
    day: str, months: int, expected: str
) -> None:
    assert months_before(d(day), months).isoformat() == expected


@pytest.mark.parametrize(
    ("day", "reminded"),
    [("2026-05-05", "2026-04-30"), ("2026-02-15", "2026-02-14"), ("2026-10-05", "2026-09-30")],
)
def test_an_internal_duty_is_reminded_on_the_last_working_day_before(
    day: str, reminded: str
) -> None:
    assert CALENDAR.last_working_day_on_or_before(d(day)).isoformat() == reminded


@given(published_days, st.integers(1, 60))
def test_counting_forward_and_between_agree(start: date, n: int) -> None:
    due, _ = CALENDAR.add_working_days(start, n)
    assert CALENDAR.is_working_day(due)
    assert CALENDAR.working_days_between(start, due) == n
    assert CALENDAR.working_days_between(due, start) == -n


@given(published_days.filter(CALENDAR.is_working_day), st.integers(1, 60))
def test_counting_back_undoes_counting_forward(start: date, n: int) -> None:
    due, _ = CALENDAR.add_working_days(start, n)
    assert CALENDAR.add_working_days(due, -n)[0] == start


def test_zero_working_days_roll_forward_only() -> None:
    assert CALENDAR.add_working_days(date(2026, 10, 1), 0)[0] == date(2026, 10, 8)
    assert CALENDAR.add_working_days(date(2026, 10, 9), 0)[0] == date(2026, 10, 9)


def test_a_regional_overlay_adds_rest_days_and_beats_make_up_days(tmp_path: Path) -> None:
    (tmp_path / "2026.json").write_bytes((FOLDER / "2026.json").read_bytes())
    local = tmp_path / "ningxia"
    local.mkdir()
    notice = {
        "year": 2026,
        "title": "测试用地方放假通知",
        "status": "published",
        "holidays": [
            {"name": "开斋节", "from": "2026-03-19", "to": "2026-03-20"},
            {"name": "测试日", "from": "2026-10-10", "to": "2026-10-10"},
        ],
    }
    (local / "2026.json").write_text(json.dumps(notice), encoding="utf-8")
    overlaid = WorkCalendar.load(tmp_path, "ningxia")
    assert overlaid.published(2026)
    assert not overlaid.is_working_day(date(2026, 3, 20))
    assert not overlaid.is_working_day(date(2026, 10, 10))
    assert WorkCalendar.load(tmp_path).is_working_day(date(2026, 3, 20))
    assert WorkCalendar.load(tmp_path).is_working_day(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("2026.json", "{", "JSON"),
        ("2026.json", "[]", "JSON 对象"),
        ("2026.json", "[" * 100_000, "JSON"),
        ("2025.json", '{"year":2026,"title":"x","status":"published","holidays":[]}', "文件名"),
        ("2026.json", '{"year":2026,"title":"x","status":"maybe","holidays":[]}', "status"),
        (
            "2026.json",
            '{"year":2026,"title":"x","status":"published","holidays":'
            '[{"name":"春节","from":"2026-02-16","to":"2026-02-10"}]}',
            "春节的起止日期不合理",
        ),
        (
            "2026.json",
            '{"year":2026,"title":"x","status":"published","holidays":'
            '[{"name":"春节","from":"2025-02-16","to":"2025-02-17"}]}',
            "不属于 2026 年",
        ),
        (
            "2026.json",
            '{"year":2026,"title":"x","status":"published","holidays":[{"name":"春节",'
            '"from":"2026-02-16","to":"2026-02-17","make_up":["2026-02-17"]}]}',
            "补班日",
        ),
    ],
)
def test_a_broken_notice_is_refused_with_its_file_and_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        WorkCalendar.load(tmp_path)
    assert name in refused.value.errors
    assert said in refused.value.message


def test_absurd_numbers_are_refused_instead_of_counted() -> None:
    with pytest.raises(Invalid, match="过大"):
        CALENDAR.add_working_days(date(2026, 1, 1), 10**12)
    with pytest.raises(Invalid, match="过大"):
        months_before(date(2026, 1, 1), 10**12)
    with pytest.raises(Invalid, match="过大"):
        days_after(date(2026, 1, 1), -(10**12))
    with pytest.raises(Invalid, match="范围"):
        months_before(date(1, 1, 1), 1)
    with pytest.raises(Invalid, match="范围"):
        CALENDAR.add_working_days(date(9999, 12, 30), 10)


def test_a_notice_that_forgets_a_statutory_holiday_is_noticed() -> None:
    for year in (2024, 2025, 2026, 2027):
        assert left_out(CALENDAR.notices[year]) == []
    raw = json.loads((FOLDER / "2026.json").read_text("utf-8"))
    kept = [one for one in raw["holidays"] if one["name"] not in ("春节", "国庆节")]
    assert left_out(read_notice({**raw, "holidays": kept})) == ["国庆节", "春节"]
    unnamed = [{**one, "name": "放假"} for one in raw["holidays"]]
    assert left_out(read_notice({**raw, "holidays": unnamed})) == []
