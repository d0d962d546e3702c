"""Early retirement for special work: age, kinds, the list."""

from datetime import date
from typing import Any

import pytest

from engine.rules.special_work import Work, check_age, check_work


@pytest.mark.parametrize(
    ("sex", "chosen", "result"),
    [
        ("male", "2027-03-01", "fine"),
        ("male", "2027-02-28", "refused"),  # 54 years 11 months
        ("female", "2017-03-01", "fine"),
        ("female", "2017-02-28", "refused"),
    ],
)
def test_men_are_55_and_women_45(sex: Any, chosen: str, result: str) -> None:
    assert check_age(sex, date(1972, 3, 1), date.fromisoformat(chosen)).result == result


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ([Work("underground", 108)], "fine"),
        ([Work("underground", 107)], "refused"),
        ([Work("high_temperature", 108)], "fine"),
        ([Work("high_place", 119)], "refused"),
        ([Work("high_place", 120)], "fine"),
        ([Work("heavy", 60), Work("heavy", 60)], "fine"),  # twice the same kind
        ([Work("harmful", 96)], "fine"),
        ([Work("harmful", 95)], "refused"),
        ([Work("underground", 60), Work("harmful", 60)], "person"),  # provinces differ
        ([Work("underground", 40), Work("harmful", 40)], "refused"),
        ([Work("underground", 200, listed=False)], "refused"),
        ([], "refused"),
    ],
)
def test_each_kind_has_its_years(rows: list[Work], result: str) -> None:
    assert check_work(rows).result == result
