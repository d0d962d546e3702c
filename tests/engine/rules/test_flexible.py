"""Flexible retirement: the range, the notice, and what is refused."""

from datetime import date
from typing import Any

import pytest

from engine.calendar import months_before
from engine.rules.flexible import (
    agreement_until,
    check_months,
    check_notice,
    check_range,
    choice,
    flexible_range,
    months_needed,
    notice_until,
)
from engine.rules.retirement_age import AgeClass, age_class, statutory_date
from tests.engine.rules.vectors import VECTORS, day, of

BIRTH = date(1966, 11, 20)  # statutory 2027-05-20, original 2026-11-20


@pytest.mark.parametrize("row", VECTORS["flex"], ids=lambda v: f"{v['cat']}/{v['birth']}")
def test_the_range_and_the_months_needed(row: dict[str, Any]) -> None:
    kind, birth = of(row["cat"]), day(row["birth"])
    found = flexible_range(kind, birth)
    assert found == (day(row["earliest"]), day(row["stat"]), day(row["latest"]))
    assert months_needed(kind, birth, found.earliest) == row["min_months_early"]
    assert months_needed(kind, birth, found.statutory) == row["min_months_stat"]
    assert months_needed(kind, birth, found.latest) == row["min_months_stat"]


def test_there_is_no_choice_for_those_who_were_old_enough_before_the_reform() -> None:
    birth = date(1964, 12, 31)
    only = date(2024, 12, 31)
    assert flexible_range("60", birth) == (only, only, only)
    assert check_range("60", birth, date(2024, 6, 1)).result == "refused"
    assert check_range("60", birth, date(2025, 6, 1)).result == "person"
    assert list(check_notice("60", birth, date(2025, 6, 1), None)) == []


@pytest.mark.parametrize(
    ("chosen", "until"),
    [("2026-11-30", "2026-08-30"), ("2027-05-31", "2027-02-28")],
)
def test_the_unit_is_told_three_months_before(chosen: str, until: str) -> None:
    assert notice_until(day(chosen)) == day(until)


def test_a_delay_is_agreed_a_month_before_the_statutory_date() -> None:
    assert agreement_until(date(2027, 5, 20)) == date(2027, 4, 20)


def test_a_late_notice_is_shown_to_a_person() -> None:
    verdicts = list(check_notice("60", BIRTH, date(2026, 11, 30), date(2026, 9, 1)))
    assert [v.result for v in verdicts] == ["person"]
    assert "2026-08-30" in verdicts[0].message and "已逾期" in verdicts[0].message


def test_a_notice_in_time_is_fine_and_a_missing_one_is_asked_for() -> None:
    (fine,) = check_notice("60", BIRTH, date(2026, 11, 30), date(2026, 8, 30))
    (missing,) = check_notice("60", BIRTH, date(2027, 9, 1), None)
    assert (fine.result, missing.result) == ("fine", "person")
    assert "2027-04-20" in missing.message
    assert list(check_notice("60", BIRTH, date(2027, 5, 20), None)) == []


@pytest.mark.parametrize(
    ("kind", "birth", "chosen", "said"),
    [
        ("60", "1966-11-20", "2026-11-19", "早于原法定退休年龄，最早可选 2026-11-20"),
        ("50", "1984-11-01", "2036-10-01", "提前超过 36 个月，最早可选 2036-11-01"),  # stat − 37 m
        ("60", "1966-11-20", "2030-06-20", "最晚可选 2030-05-20"),  # stat + 37 m
    ],
)
def test_what_lies_outside_of_the_range_is_refused(
    kind: Any, birth: str, chosen: str, said: str
) -> None:
    verdict = check_range(kind, day(birth), day(chosen))
    assert verdict.result == "refused"
    assert said in verdict.message


def test_the_ends_of_the_range_may_be_chosen() -> None:
    for chosen in flexible_range("60", BIRTH):
        assert check_range("60", BIRTH, chosen).result == "fine"


def test_a_delay_is_not_extended_a_second_time() -> None:
    later = date(2029, 5, 20)
    assert check_range("60", BIRTH, later).result == "fine"
    assert check_range("60", BIRTH, later, extends=True).result == "refused"


def test_a_day_of_the_statutory_month_is_statutory() -> None:
    assert choice("60", BIRTH, date(2027, 5, 1)) == "statutory"
    assert choice("60", BIRTH, date(2027, 4, 30)) == "early"
    assert choice("60", BIRTH, date(2027, 6, 1)) == "late"


def somebody(statutory: str) -> tuple[AgeClass, date]:
    """Class and birth of somebody with this statutory date; no class has every month."""
    for kind in map(age_class, ("60", "50")):
        for back in range(int(kind) * 12, int(kind) * 12 + 61):
            birth = months_before(day(statutory), back)
            if statutory_date(kind, birth) == day(statutory):
                return kind, birth
    raise AssertionError(statutory)


@pytest.mark.parametrize(
    ("statutory", "chosen", "months", "result"),
    [
        ("2032-12-01", "2031-12-01", 191, "refused"),  # early: 192 of the chosen year
        ("2032-12-01", "2031-12-01", 192, "fine"),
        ("2029-11-01", "2031-05-01", 180, "fine"),  # late: of the statutory year
        ("2030-02-01", "2030-02-01", 185, "person"),
        ("2030-02-01", "2030-02-01", 186, "fine"),
        ("2039-01-01", "2039-01-01", 239, "person"),
        ("2039-01-01", "2039-01-01", 240, "fine"),
        ("2029-12-01", "2029-12-01", 180, "fine"),
    ],
)
def test_contributed_and_deemed_months_count_together(
    statutory: str, chosen: str, months: int, result: str
) -> None:
    verdict = check_months(*somebody(statutory), day(chosen), months - 60, 60)
    assert verdict.result == result
    assert f"实际缴费 {months - 60} 个月、视同缴费 60 个月" in verdict.message


def test_the_jilin_timeline_hangs_on_the_statutory_date() -> None:
    statutory = statutory_date("60", BIRTH)
    assert months_before(statutory, 6) == date(2026, 11, 20)
    assert months_before(statutory, 2) == date(2027, 3, 20)
    assert months_before(statutory, 1) == date(2027, 4, 20)
    clamped = statutory_date("60", date(1966, 10, 31))
    assert [months_before(clamped, n) for n in (6, 2, 1)] == [
        date(2026, 10, 30),
        date(2027, 2, 28),
        date(2027, 3, 30),
    ]
