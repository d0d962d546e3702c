"""The least contribution months, year by year."""

from datetime import date

import pytest

from engine.rules.contribution import enough, in_years, minimum_months
from tests.engine.rules.vectors import VECTORS


@pytest.mark.parametrize(("year", "months"), VECTORS["min_months"].items())
def test_every_year_needs_what_the_table_says(year: str, months: int) -> None:
    assert minimum_months(date(int(year), 1, 1)) == months
    assert minimum_months(date(int(year), 12, 31)) == months


@pytest.mark.parametrize(
    ("on", "months", "passes"),
    [
        ("2031-12-31", 191, False),
        ("2029-11-30", 180, True),
        ("2030-01-01", 185, False),
        ("2039-01-01", 239, False),
        ("2039-01-01", 240, True),
        ("2029-12-31", 180, True),
    ],
)
def test_the_minimum_is_reached_or_not(on: str, months: int, passes: bool) -> None:
    assert enough(months, 0, date.fromisoformat(on)) is passes
    assert enough(0, months, date.fromisoformat(on)) is passes


def test_months_are_told_in_years() -> None:
    assert [in_years(n) for n in (180, 186, 11)] == ["15 年", "15 年 6 个月", "0 年 11 个月"]
