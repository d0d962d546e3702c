"""Statutory retirement dates: the whole official table, and the days that clamp."""

import csv
import doctest
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.rules import retirement_age
from engine.rules.retirement_age import (
    age_class,
    delay_months,
    original_date,
    reformed,
    statutory_date,
)
from tests.engine.rules.vectors import DATA, VECTORS, day, of

TABLE = list(csv.DictReader((DATA / "retirement_table.csv").read_text("utf-8").splitlines()))
births = st.dates(date(1955, 1, 1), date(2005, 12, 31))
classes = st.sampled_from([age_class(one) for one in ("60", "55", "50")])


def in_words(months: int) -> str:
    return f"{months // 12}y{months % 12}m"


def test_the_official_table_is_whole() -> None:
    assert len(TABLE) == 426


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['cat']}/{row['birth']}")
def test_every_month_of_the_official_table(row: dict[str, str]) -> None:
    check(row)


@pytest.mark.parametrize("row", VECTORS["retirement"], ids=lambda v: f"{v['cat']}/{v['birth']}")
def test_every_month_that_was_checked_against_other_sources(row: dict[str, Any]) -> None:
    check(row)


def check(row: dict[str, Any]) -> None:
    kind, birth = of(row["cat"]), day(row["birth"])
    assert original_date(kind, birth) == day(row["orig"])
    assert delay_months(kind, birth) == int(row["delay"])
    assert statutory_date(kind, birth) == day(row["retire"])
    assert in_words(int(kind) * 12 + delay_months(kind, birth)) == row["age"]


@pytest.mark.parametrize(
    "row",
    [*VECTORS["retirement_day"], {"cat": "male60", "birth": "1965-01-01", "stat": "2025-02-01"}],
    ids=lambda v: f"{v['cat']}/{v['birth']}",
)
def test_days_clamp_to_the_month_once(row: dict[str, str]) -> None:
    assert statutory_date(of(row["cat"]), day(row["birth"])) == day(row["stat"])
    if "orig" in row:
        assert original_date(of(row["cat"]), day(row["birth"])) == day(row["orig"])


def test_nobody_of_the_class_retires_in_the_month_that_the_steps_leave_out() -> None:
    months = {
        statutory_date("60", date(year, month, 1))
        for year in range(1975, 1978)
        for month in range(1, 13)
    }
    assert {date(2039, 7, 1), date(2039, 9, 1)} <= months
    assert date(2039, 8, 1) not in months


@given(classes, births)
def test_the_delay_stays_between_nothing_and_its_limit(kind: Any, birth: date) -> None:
    delay = delay_months(kind, birth)
    assert 0 <= delay <= (60 if kind == "50" else 36)
    assert (delay == 0) == (original_date(kind, birth) < date(2025, 1, 1))
    assert reformed(kind, birth) == (delay > 0)


@pytest.mark.parametrize("text", ["", "65", "sixty", "60 ", "5" * 500])
def test_other_classes_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="60、55 或 50"):
        age_class(text)


def test_the_example_in_the_document_holds() -> None:
    assert doctest.testmod(retirement_age).failed == 0
