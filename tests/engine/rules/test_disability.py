"""The allowance that replaced retirement for illness."""

from datetime import date

import pytest

from engine.rules.disability import Allowance, allowance, check_route, paid_months
from tests.engine.rules.vectors import VECTORS

BIRTH = date(1969, 1, 1)  # class 60: original 2029-01, statutory 2030-02-01


@pytest.mark.parametrize(("months", "paid"), VECTORS["disability_paid_months"].items())
def test_a_limited_allowance_is_paid_for_so_many_months(months: str, paid: int) -> None:
    assert paid_months(int(months)) == paid


@pytest.mark.parametrize(
    ("applied", "months", "given"),
    [
        ("2025-02-01", 181, Allowance("pension")),  # 60 months to go
        ("2025-01-01", 181, Allowance("basic")),  # 61
        ("2025-01-31", 181, Allowance("basic")),  # a day more than 60 months
        ("2025-02-01", 179, Allowance("limited", 42)),
        ("2030-02-01", 181, None),  # the statutory age is reached
    ],
)
def test_what_is_paid_depends_on_months_paid_and_months_to_go(
    applied: str, months: int, given: Allowance | None
) -> None:
    assert allowance("60", BIRTH, date.fromisoformat(applied), months, 0) == given


def test_the_old_ways_end_with_2024() -> None:
    assert check_route(date(2024, 12, 31)).result == "fine"
    closed = check_route(date(2025, 1, 1))
    assert closed.result == "refused"
    assert "病残津贴" in closed.message
