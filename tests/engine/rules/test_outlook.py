"""What a month of birth means: every month of the official table, and every checked range."""

import csv
from typing import Any

import pytest

from engine.rules.outlook import outlook
from tests.engine.rules.vectors import DATA, VECTORS, day, of

TABLE = list(csv.DictReader((DATA / "retirement_table.csv").read_text("utf-8").splitlines()))


def test_every_month_of_the_official_table_comes_out() -> None:
    assert len(TABLE) == 426
    for row in TABLE:
        birth = day(row["birth"])
        found = outlook(of(row["cat"]), birth.year, birth.month)
        statutory = next(way for way in found.ways if way.choice == "statutory")
        said = f"{statutory.age // 12}y{statutory.age % 12}m"
        told = (found.original, found.delay, found.statutory, said)
        assert told == (day(row["orig"]), int(row["delay"]), day(row["retire"]), row["age"]), row


@pytest.mark.parametrize("row", VECTORS["flex"], ids=lambda v: f"{v['cat']}/{v['birth']}")
def test_the_earliest_and_the_latest_month_with_the_years_they_need(row: dict[str, Any]) -> None:
    birth = day(row["birth"])
    ways = {way.choice: way for way in outlook(of(row["cat"]), birth.year, birth.month).ways}
    early, late = ways["early"], ways["late"]
    assert (early.day, late.day) == (day(row["earliest"]), day(row["latest"]))
    assert (early.needed, ways["statutory"].needed) == (
        row["min_months_early"],
        row["min_months_stat"],
    )
    assert late.needed == row["min_months_stat"]


def test_notice_and_agreement_are_due_three_months_and_one_month_before() -> None:
    early, _, late = outlook("60", 1972, 9).ways  # 2032-09, 2034-09, 2037-09
    assert (early.written_until, late.written_until) == (day("2032-06"), day("2034-08"))


def test_there_is_one_way_only_for_those_who_were_old_enough_before_the_reform() -> None:
    found = outlook("60", 1964, 12)
    assert [way.choice for way in found.ways] == ["statutory"] and not found.reformed
