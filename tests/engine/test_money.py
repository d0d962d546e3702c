"""Money: fen inside, yuan outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.money import fen, in_words, yuan


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("0", 0),
        ("1", 100),
        ("1.5", 150),
        ("1,234.56", 123456),
        (" 12，000 ", 1200000),
        ("-3", -300),
    ],
)
def test_an_amount_in_yuan_becomes_fen(typed: str, amount: int) -> None:
    assert fen(typed) == amount


@pytest.mark.parametrize("typed", ["", "abc", "1.234", "1.", ".5", "1e5", "NaN", "１", "9" * 99])
def test_what_is_no_amount_is_none(typed: str) -> None:
    assert fen(typed) is None


@given(st.integers(-(10**14), 10**14))
def test_yuan_and_fen_undo_each_other(amount: int) -> None:
    assert fen(yuan(amount)) == amount
    assert fen(in_words(amount).removesuffix(" 元")) == amount
