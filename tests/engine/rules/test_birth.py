"""Which birth date counts."""

from datetime import date

import pytest

from engine.errors import Invalid
from engine.rules.birth import check_used, decide_birth, first_day
from engine.rules.retirement_age import delay_months, original_date


def test_the_file_prevails_over_the_card_and_a_person_looks_at_it() -> None:
    found = decide_birth("1965-03-10", "1964-11")
    assert (found.used, found.verdict.result) == ("1964-11", "person")
    assert original_date("60", first_day("1964-11")) == date(2024, 11, 1)
    assert delay_months("60", first_day("1964-11")) == 0


def test_a_later_date_in_the_file_prevails_as_well() -> None:
    found = decide_birth("1964-12-20", "1965-01-05")
    assert found.used == "1965-01-05"
    assert delay_months("60", first_day("1965-01-05")) == 1


@pytest.mark.parametrize("file", ["1965-03-10", "1965-03"])
def test_records_that_agree_leave_the_card(file: str) -> None:
    found = decide_birth("1965-03-10", file)
    assert (found.used, found.verdict.result) == ("1965-03-10", "fine")


def test_an_unreadable_file_is_work_for_a_person() -> None:
    found = decide_birth("1965-03-10", None)
    assert (found.used, found.verdict.result) == (None, "person")


def test_a_year_alone_needs_the_rule_of_the_region() -> None:
    assert decide_birth("1965-03-10", "1965").used is None
    assert decide_birth("1965-03-10", "1965", missing_month=12).used == "1965-12"


def test_a_date_that_differs_from_the_records_needs_a_reason() -> None:
    found = decide_birth("1965-03-10", "1964-11")
    assert check_used(found, "1964-11-08", None, approved=None).result == "fine"
    assert check_used(found, "1965-03-10", " ", approved=None).result == "refused"
    assert check_used(found, "1965-03-10", "入团志愿书", approved=None).result == "person"


def test_a_change_after_approval_begins_anew() -> None:
    found = decide_birth("1965-03-10", "1965-03-10")
    verdict = check_used(found, "1965-03-10", None, approved="1964-11-08")
    assert verdict.result == "person"
    assert "重新审批" in verdict.message


@pytest.mark.parametrize("text", ["1965-13", "1965-02-30", "六五年", "65-03-10", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="应写作"):
        decide_birth("1965-03-10", text)
