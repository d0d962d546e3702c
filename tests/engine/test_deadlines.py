"""Deadlines: what was promised, what the law allows, and how a list says it."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import WorkCalendar
from engine.clock import CHINA, at, office_date
from engine.deadlines import Due, due, in_words, paused_days, reminder_at, rung_at
from engine.errors import Invalid
from engine.packs.region import DeadlineRule, OfficeHours

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/data/vectors.json").read_text(encoding="utf-8"))
CALENDAR = WorkCalendar.load(ROOT / "processes" / "calendar")
HOURS = OfficeHours(opens="08:30", closes="17:00")


def rule(unit: str, budget: int = 0, **more: Any) -> DeadlineRule:
    return DeadlineRule(title="测试时限", unit=unit, budget=budget, **more)  # type: ignore[arg-type]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def promised(
    a_rule: DeadlineRule, started: str, dates: list[str | None] | None = None, paused: int = 0
) -> Due:
    return due(a_rule, moment(started), dates or [], CALENDAR, HOURS, paused_days=paused)


def day_of(instant: datetime | None) -> str:
    assert instant is not None
    return office_date(instant).isoformat()


@pytest.mark.parametrize("vector", VECTORS["workdays"], ids=lambda v: f"{v['start']}+{v['n']}")
def test_working_days_end_with_the_office_hours_of_the_last_day(vector: dict[str, Any]) -> None:
    result = promised(rule("working_days", vector["n"]), vector["start"] + "T10:00")
    assert result.due_at == moment(vector["due"] + "T17:00")
    assert not result.provisional


def test_a_promise_beyond_the_published_calendar_is_provisional() -> None:
    result = promised(rule("working_days", 5), "2026-12-29T10:00")
    assert (day_of(result.due_at), result.provisional) == ("2027-01-06", True)


@pytest.mark.parametrize(
    "vector", VECTORS["calendar_days_roll"], ids=lambda v: f"{v['start']}+{v['n']}"
)
def test_calendar_days_roll_forward_to_a_working_day(vector: dict[str, Any]) -> None:
    result = promised(rule("calendar_days", vector["n"]), vector["start"] + "T10:00")
    assert result.due_at == moment(vector["due"] + "T17:00")
    assert not result.provisional


def test_thirty_days_after_retirement_end_on_the_next_open_day() -> None:
    # The Jilin man retires on 2027-05-20; the 30th day after is a Saturday.
    lapse = rule("calendar_days", 30, start=["retire.date"])
    result = promised(lapse, "2027-04-25T10:00", ["2027-05-20"])
    assert (day_of(result.due_at), result.provisional) == ("2027-06-21", True)


@pytest.mark.parametrize(
    ("begun", "ends"),
    [
        ("2026-11-20T09:00", "2026-11-20"),  # Friday in office hours
        ("2026-11-20T07:00", "2026-11-20"),  # before opening
        ("2026-11-20T16:59", "2026-11-20"),
        ("2026-11-20T17:00", "2026-11-23"),  # at closing: Monday
        ("2026-11-21T09:00", "2026-11-23"),  # Saturday
        ("2026-10-10T09:00", "2026-10-10"),  # make-up Saturday
        ("2026-09-30T18:00", "2026-10-08"),  # before the National Day week
    ],
)
def test_same_day_means_the_next_working_day_when_begun_after_hours(begun: str, ends: str) -> None:
    assert promised(rule("same_day"), begun).due_at == moment(ends + "T17:00")


@pytest.mark.parametrize(
    ("begun", "day", "ends"),
    [
        ("2026-04-20T10:00", 5, "2026-05-05"),  # a holiday: the due day stays
        ("2026-05-05T10:00", 5, "2026-05-05"),  # that day included
        ("2026-05-06T10:00", 5, "2026-06-05"),
        ("2026-04-10T10:00", 31, "2026-04-30"),  # clamped
        ("2026-12-10T10:00", 5, "2027-01-05"),
    ],
)
def test_a_duty_of_a_day_of_the_month_ends_with_that_day(begun: str, day: int, ends: str) -> None:
    result = promised(rule("month_day", day), begun)
    assert result.due_at == moment(ends + "T23:59:59")
    assert not result.provisional


def test_promise_and_legal_ceiling_are_both_kept_and_the_earlier_is_shown() -> None:
    fund = rule("working_days", 3, legal_budget=3, legal_unit="calendar_days")
    result = promised(fund, "2026-11-20T10:00")  # a Friday
    assert day_of(result.due_at) == "2026-11-25"
    assert day_of(result.legal_due_at) == "2026-11-23"
    assert result.shown_at == result.legal_due_at


def test_the_legal_limit_for_pensions_is_twenty_working_days() -> None:
    pension = rule("working_days", 5, legal_budget=20, legal_unit="working_days")
    result = promised(pension, "2026-09-18T10:00")
    assert day_of(result.legal_due_at) == "2026-10-22"
    assert result.shown_at == result.due_at


def test_the_latest_of_several_starts_counts_and_unknown_ones_are_skipped() -> None:
    seal = rule("working_days", 3, start=["approval.at", "person.verified_at", "retire.date"])
    dates = ["2026-11-02T09:30:00+08:00", None, "2026-11-13"]
    assert day_of(promised(seal, "2026-12-01T10:00", dates).due_at) == "2026-11-18"


def test_now_counts_only_when_the_rule_names_it() -> None:
    late = rule("working_days", 3, start=["now", "retire.date"])
    assert day_of(promised(late, "2026-11-20T10:00", ["2026-06-01"]).due_at) == "2026-11-25"
    assert day_of(promised(late, "2026-11-20T10:00", ["2026-12-01"]).due_at) == "2026-12-04"


def test_a_clock_without_any_known_start_begins_now() -> None:
    waiting = rule("working_days", 3, start=["retire.date"])
    assert day_of(promised(waiting, "2026-11-20T10:00", [None]).due_at) == "2026-11-25"


@pytest.mark.parametrize("text", ["明天", "2026-02-30", "2026-13-01T00:00", "x" * 9999])
def test_an_unreadable_start_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(Invalid, match="无法识别"):
        promised(rule("working_days", 3, start=["a.b"]), "2026-11-20T10:00", [text])


def test_a_pause_costs_the_working_days_it_lasted() -> None:
    five = rule("working_days", 5)  # Monday 2nd to Monday 9th November
    first = promised(five, "2026-11-02T10:00").due_at
    cost = paused_days(
        "working_days", first, moment("2026-11-04T15:00"), moment("2026-11-18T09:00"), CALENDAR
    )
    assert cost == 10
    # Two of five days were used; three are left from the day after the 18th.
    assert day_of(promised(five, "2026-11-02T10:00", paused=cost).due_at) == "2026-11-23"


def test_a_pause_begun_and_ended_on_one_day_costs_nothing() -> None:
    due_at = moment("2026-11-09T17:00")
    morning, evening = moment("2026-11-04T09:00"), moment("2026-11-04T16:00")
    assert paused_days("working_days", due_at, morning, evening, CALENDAR) == 0


def test_a_clock_stopped_on_its_last_day_gets_one_working_day_when_it_goes_on() -> None:
    friday, saturday = moment("2026-11-20T15:00"), moment("2026-11-21T10:00")
    due_at = promised(rule("same_day"), "2026-11-20T10:00").due_at
    cost = paused_days("same_day", due_at, friday, saturday, CALENDAR)
    again = promised(rule("same_day"), "2026-11-20T10:00", paused=cost).due_at
    assert again == moment("2026-11-23T17:00")


def test_an_overdue_clock_stays_overdue_however_long_it_pauses() -> None:
    due_at = moment("2026-11-09T17:00")
    stopped, later = moment("2026-11-10T09:00"), moment("2026-11-30T09:00")
    assert paused_days("working_days", due_at, stopped, later, CALENDAR) == 0


def test_calendar_day_promises_pause_by_calendar_days() -> None:
    thirty = rule("calendar_days", 30)
    first = promised(thirty, "2026-08-31T10:00").due_at  # 2026-09-30
    cost = paused_days(
        "calendar_days", first, moment("2026-09-10T10:00"), moment("2026-09-20T10:00"), CALENDAR
    )
    assert cost == 10
    assert day_of(promised(thirty, "2026-08-31T10:00", paused=cost).due_at) == "2026-10-10"


@given(
    st.dates(date(2025, 1, 1), date(2026, 6, 1)),
    st.integers(1, 30),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_what_was_left_before_a_pause_is_left_after_it(
    start: date, budget: int, used: int, away: int
) -> None:
    promise, begun = rule("working_days", budget), at(start, 10)
    due_at = due(promise, begun, [], CALENDAR, HOURS).due_at
    paused_at, resumed_at = begun + timedelta(days=used), begun + timedelta(days=used + away)
    cost = paused_days("working_days", due_at, paused_at, resumed_at, CALENDAR)
    again = due(promise, begun, [], CALENDAR, HOURS, paused_days=cost).due_at
    assert again >= due_at
    left = CALENDAR.working_days_between(office_date(paused_at), office_date(due_at))
    if away and paused_at <= due_at:
        resumed = office_date(resumed_at)
        assert CALENDAR.working_days_between(resumed, office_date(again)) == max(1, left)
    else:
        assert again == due_at


@given(
    st.integers(0, 270 * 24 * 60),
    st.integers(1, 20),
    st.floats(0, 1),
)
def test_rungs_lie_in_office_hours_between_start_and_end(
    minutes: int, budget: int, share: float
) -> None:
    started = moment("2026-01-01T00:00") + timedelta(minutes=minutes)
    due_at = due(rule("working_days", budget), started, [], CALENDAR, HOURS).due_at
    rung = rung_at(started, due_at, share, CALENDAR, HOURS)
    assert started <= rung <= due_at
    assert CALENDAR.is_working_day(office_date(rung))
    assert HOURS.opens <= f"{rung.astimezone(CHINA):%H:%M}" <= HOURS.closes


def test_eighty_percent_of_a_same_day_promise_falls_in_the_afternoon() -> None:
    started, due_at = moment("2026-11-20T09:00"), moment("2026-11-20T17:00")
    assert rung_at(started, due_at, 0.8, CALENDAR, HOURS) == moment("2026-11-20T15:24")
    assert rung_at(started, due_at, 1, CALENDAR, HOURS) == due_at


@pytest.mark.parametrize(
    ("due_day", "reminded"),
    [("2026-05-05", "2026-04-30"), ("2026-02-15", "2026-02-14"), ("2026-10-05", "2026-09-30")],
)
def test_a_reminder_comes_on_an_open_day_in_the_morning(due_day: str, reminded: str) -> None:
    due_at = moment(due_day + "T23:59:59")
    assert reminder_at(due_at, 0, CALENDAR, HOURS) == moment(reminded + "T08:30")


def test_a_reminder_seven_days_before_is_seven_days_before() -> None:
    due_at = moment("2026-11-20T17:00")
    assert reminder_at(due_at, 7, CALENDAR, HOURS) == moment("2026-11-13T08:30")


@pytest.mark.parametrize(
    ("due_at", "now", "text", "tone"),
    [
        ("2026-11-25T17:00", "2026-11-20T10:00", "剩 3 个工作日", "ok"),
        ("2026-11-23T17:00", "2026-11-20T10:00", "剩 1 个工作日", "soon"),
        ("2026-11-20T17:00", "2026-11-20T10:00", "今日到期", "soon"),
        ("2026-11-20T17:00", "2026-11-20T17:01", "今日超期", "over"),
        ("2026-11-20T17:00", "2026-11-22T10:00", "超期 2 日", "over"),
        ("2026-10-05T23:59:59", "2026-10-02T10:00", "剩 3 日", "soon"),
    ],
)
def test_a_list_says_the_time_left_in_words(due_at: str, now: str, text: str, tone: str) -> None:
    assert in_words(moment(due_at), moment(now), CALENDAR) == (text, tone)


def test_a_paused_clock_says_so_and_a_provisional_one_is_only_expected() -> None:
    due_at, now = moment("2027-01-06T17:00"), moment("2026-12-29T10:00")
    assert in_words(due_at, now, CALENDAR, paused=True) == ("中止计时", "paused")
    assert in_words(due_at, now, CALENDAR, provisional=True) == ("预计剩 5 个工作日", "ok")
