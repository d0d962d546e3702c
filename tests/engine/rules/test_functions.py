"""Functions of expressions: what they make of the unknown, and of ends of months and years."""

from datetime import date
from typing import Any

import pytest

from engine.clock import at
from engine.errors import DiagramFault
from engine.expressions import evaluate
from engine.functions import case_functions
from tests.stage import CALENDAR, JILIN


def value(expression: str, today: str = "2027-04-20", **names: Any) -> Any:
    now = at(date.fromisoformat(today), 9)
    return evaluate(expression, names, case_functions(JILIN.config, CALENDAR, now, {}))


@pytest.mark.parametrize(
    "expression",
    [
        "months_before(x, 1)",
        "statutory_date(x, '1966-11-20')",
        "statutory_date('60', x)",
        "retirement_date('60', x, None)",
        "minimum_months(x)",
        "at(x, 9)",
        "working_days_after(x, 3)",
        "birth_of(x)",
        "earliest(x, None)",
        "next_month_day(x)",
    ],
)
def test_the_unknown_gives_the_unknown(expression: str) -> None:
    assert value(expression, x=None) is None


@pytest.mark.parametrize(
    "expression",
    [
        "statutory_date('65', '1966-11-20')",
        "statutory_date('60', 'soon')",
        "next_month_day(32)",
        "next_year_day(13, 1)",
        "months_after('2027-01-01', 10 * 10 * 10 * 10)",
        "days_after('9999-12-31', 1)",
    ],
)
def test_the_impossible_is_a_fault_of_the_diagram(expression: str) -> None:
    with pytest.raises(DiagramFault):
        value(expression)


@pytest.mark.parametrize(
    ("expression", "today", "result"),
    [
        ("next_month_day(5)", "2026-10-05", "2026-10-05"),  # today counts
        ("next_month_day(5)", "2026-10-06", "2026-11-05"),
        ("next_month_day(31)", "2027-02-10", "2027-02-28"),
        ("next_month_day(5)", "2026-12-06", "2027-01-05"),
        ("next_year_day(2, 29)", "2027-01-01", "2027-02-28"),
        ("next_year_day(2, 29)", "2028-03-01", "2029-02-28"),
        ("last_working_day_before('2026-05-05')", "2026-05-01", "2026-04-30"),
        ("last_working_day_before('2026-02-15')", "2026-02-01", "2026-02-14"),
        ("last_working_day_before('2026-10-05')", "2026-10-01", "2026-09-30"),
        ("first_working_day_of_month('2026-11-20')", "2026-11-20", "2026-11-02"),
        ("quarter_start('2026-12-31')", "2026-11-20", "2026-10-01"),
        ("next_quarter_start('2026-11-20')", "2026-11-20", "2027-01-01"),
        ("months_between('2026-08-31', '2027-02-28')", "2026-11-20", 6),
        ("months_between('2027-05-20', '2027-04-21')", "2026-11-20", 0),
        ("months_between('2027-05-20', '2027-04-20')", "2026-11-20", -1),
        ("months_apart('2027-05-20', '2027-04-21')", "2026-11-20", -1),
        ("retirement_date('60', '1966-11-20', '2028-01-01')", "2026-11-20", "2028-01-01"),
        ("working_days_before('2026-10-09', 1)", "2026-10-01", "2026-10-08"),
    ],
)
def test_ends_of_months_quarters_and_years(expression: str, today: str, result: Any) -> None:
    assert value(expression, today) == result
