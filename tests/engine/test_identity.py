"""Identity numbers, credit codes, cards and mobiles. All numbers are synthetic (rules R6)."""

import doctest
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import identity
from engine.errors import Invalid
from engine.identity import (
    birth_date,
    check_bank_card,
    check_id_no,
    check_mobile,
    check_uscc,
    from_old_id_no,
    mask_card,
    mask_id_no,
    mask_mobile,
    normalise,
    sex,
)

VECTORS = json.loads(
    (Path(__file__).parents[2] / "tests/data/vectors.json").read_text(encoding="utf-8")
)
TODAY = date(2026, 11, 20)
CHECKS: list[Callable[[str], str]] = [
    check_id_no,
    from_old_id_no,
    check_uscc,
    check_bank_card,
    check_mobile,
]


@pytest.mark.parametrize("number", VECTORS["id_valid"])
def test_a_valid_identity_number_is_taken_as_it_is(number: str) -> None:
    assert check_id_no(number, TODAY) == number


@pytest.mark.parametrize("number", VECTORS["id_invalid"])
def test_an_invalid_identity_number_is_refused(number: str) -> None:
    with pytest.raises(Invalid):
        check_id_no(number, TODAY)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("220199196501150010", "校验不通过"),
        ("64019919660229002X", "出生日期不存在"),
        ("99019919650115001X", "省级"),
        ("220199209912310016", "出生日期不合理"),
        ("2201991965011500", "18 位"),
        ("22019919650115001A", "18 位"),
        ("", "18 位"),
        ("٢٢٠١٩٩١٩٦٥٠١١٥٠٠١١", "18 位"),  # Arabic digits are digits to Python, not to the standard
    ],
)
def test_the_refusal_of_an_identity_number_says_what_is_wrong(number: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        check_id_no(number, TODAY)


def test_a_birth_in_the_future_needs_a_clock_to_be_seen() -> None:
    assert check_id_no("220199209912310016") == "220199209912310016"


@pytest.mark.parametrize(
    "typed",
    ["64019919761231005x", " 640199 19761231 005X ", "６４０１９９１９７６１２３１００５ｘ"],
)
def test_spaces_case_and_width_do_not_matter(typed: str) -> None:
    assert check_id_no(typed, TODAY) == "64019919761231005X"


def test_county_codes_long_abolished_are_kept() -> None:
    assert check_id_no("340823202001010043", TODAY) == "340823202001010043"


def test_a_number_of_fifteen_digits_is_turned_into_eighteen_for_archives_only() -> None:
    assert from_old_id_no("220199650115001", TODAY) == "220199196501150011"
    assert from_old_id_no("220199196501150011", TODAY) == "220199196501150011"
    with pytest.raises(Invalid):
        check_id_no("220199650115001", TODAY)


def test_birth_and_sex_are_read_from_the_number() -> None:
    assert birth_date("220199196501150011") == date(1965, 1, 15)
    assert sex("220199196501150011") == "male"
    assert sex("340799197502280023") == "female"


@pytest.mark.parametrize("number", VECTORS["id_valid"])
@given(st.data())
def test_one_wrong_digit_is_always_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 16))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda d: d != number[place]))
    with pytest.raises(Invalid):
        check_id_no(number[:place] + digit + number[place + 1 :], TODAY)


@pytest.mark.parametrize("code", VECTORS["uscc_valid"])
def test_a_valid_credit_code_is_taken(code: str) -> None:
    assert check_uscc(f" {code.lower()} ") == code


@pytest.mark.parametrize("code", VECTORS["uscc_invalid"])
def test_an_invalid_credit_code_is_refused(code: str) -> None:
    with pytest.raises(Invalid, match="统一社会信用代码"):
        check_uscc(code)


@pytest.mark.parametrize("number", VECTORS["luhn_valid"])
def test_a_valid_card_is_taken_with_its_printed_spaces(number: str) -> None:
    assert check_bank_card(f"{number[:4]} {number[4:8]}-{number[8:]}") == number


@pytest.mark.parametrize("number", VECTORS["luhn_invalid"])
def test_an_invalid_card_is_refused(number: str) -> None:
    with pytest.raises(Invalid, match="银行账号"):
        check_bank_card(number)


@given(st.text("0123456789", min_size=15, max_size=18))
def test_exactly_one_last_digit_makes_a_card(digits: str) -> None:
    accepted = 0
    for last in "0123456789":
        try:
            accepted += bool(check_bank_card(digits + last))
        except Invalid:
            continue
    assert accepted == 1


@pytest.mark.parametrize("typed", ["13800138000", "+86 138-0013-8000", "１３８００１３８０００"])
def test_a_mobile_number_is_taken_as_people_type_it(typed: str) -> None:
    assert check_mobile(typed) == "13800138000"


@pytest.mark.parametrize("typed", ["123", "23800138000", "1380013800", "138001380000", "0431-1234"])
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="手机号码应为 11 位"):
        check_mobile(typed)


def test_masks_hide_the_middle_and_keep_the_length() -> None:
    assert mask_id_no("220199196501150011") == "220199********0011"
    assert mask_mobile("13800138000") == "138****8000"
    assert mask_card("6222020000000000018") == "***************0018"


@given(st.text(max_size=40))
def test_masks_never_show_most_of_a_text(text: str) -> None:
    for mask, shown in ((mask_id_no, 10), (mask_mobile, 7), (mask_card, 4)):
        masked = mask(text)
        assert len(masked) == len(text)
        hidden = len(text) - shown
        assert masked == "*" * len(text) if hidden < 4 else masked.count("*") >= hidden


@given(st.text(max_size=300))
def test_any_text_is_either_normalised_or_refused(text: str) -> None:
    for check in CHECKS:
        try:
            number = check(text)
        except Invalid as refused:
            assert refused.message
        else:
            assert check(number) == number == normalise(number)


def test_the_examples_of_the_module_are_true() -> None:
    assert doctest.testmod(identity).failed == 0
