"""Weeks begin on Monday, quarters in their first month, and nothing unreadable is believed."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.queries.statistics.period import Period, called, read_period, stretch, trail

TODAY = date(2026, 11, 27)  # a Friday


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("week", date(2026, 11, 23), date(2026, 11, 29)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("nonsense", date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_a_period_holds_today(name: str, first: date, last: date) -> None:
    assert read_period(name, "", "", TODAY) == Period(first, last)


def test_a_period_of_ones_own_has_both_days() -> None:
    assert read_period("custom", "2026-02-01", "2026-02-28", TODAY) == Period(
        date(2026, 2, 1), date(2026, 2, 28)
    )


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("", "2026-01-01", "first"),
        ("2026-02-30", "2026-03-01", "first"),
        ("2026-02-01", "明天", "last"),
        ("2026-02-02", "2026-02-01", "last"),
        ("0001-01-01", "2026-02-01", "first"),
        ("2026-02-01", "9999-12-31", "last"),
        ("2001-01-01", "2026-02-01", "last"),
    ],
)
def test_a_period_that_makes_no_sense_is_pointed_at(first: str, last: str, wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_period("custom", first, last, TODAY)
    assert list(caught.value.errors) == [wrong]


@given(
    st.sampled_from(["week", "month", "quarter", "year"]),
    st.dates(date(2001, 1, 1), date(2099, 1, 1)),
)
def test_stretches_of_a_trail_follow_each_other_and_the_last_holds_the_day(
    kind: str, day: date
) -> None:
    found = trail(kind, day, 5)  # type: ignore[arg-type]
    assert found[-1].first <= day <= found[-1].last
    assert all((after.first - before.last).days == 1 for before, after in pairwise(found))


def test_people_call_them_by_these_names() -> None:
    names = [called(kind, stretch(kind, TODAY)) for kind in ("week", "month", "quarter", "year")]
    assert names == ["11-23 至 11-29", "2026-11", "2026 年第 4 季度", "2026 年"]
