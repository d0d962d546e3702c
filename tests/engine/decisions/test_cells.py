"""Cells as designers and table editors write them."""

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions import cells
from engine.errors import DiagramFault
from engine.expressions import evaluate


def matches(cell: str, value: Any, **names: Any) -> bool:
    source = cells.test(cell)
    functions = {"today": lambda: "2027-04-20", "days_after": lambda day, n: f"{day}+{n}"}
    return source is None or bool(evaluate(source, {cells.VALUE: value, **names}, functions))


@pytest.mark.parametrize(
    ("cell", "accepted", "refused"),
    [
        ("-", [None, 0, "a", True], []),
        ("", [None, 0, "a"], []),
        ('"a"', ["a"], ["b", None, ""]),
        ('"a","b"', ["a", "b"], ["c", None]),
        ('"a", "b,c"', ["a", "b,c"], ["b", "c"]),
        ('not("a")', ["b", None], ["a"]),
        ('not("a", "b")', ["c"], ["a", "b"]),
        ("not(> 5)", [5, None], [6]),
        ("50", [50], [51, None, "50"]),
        ("50,55,60", [50, 60], [51]),
        ("-1", [-1], [1, None]),
        ("< 3", [2.9], [3, 4, None]),
        ("<= 3", [3], [4, None]),
        (">3", [4], [3, None]),
        (">= 3.5", [3.5], [3, None]),
        ("= 3", [3], [4]),
        ("!= 3", [4], [3]),
        ("[50..60]", [50, 60, 55], [49, 61, None]),
        ("(50..60)", [51, 59], [50, 60]),
        ("]50..60[", [51, 59], [50, 60]),
        ("[50..60)", [50], [60]),
        ("(50..60]", [60], [50]),
        ("[1..2],[5..6]", [1, 6], [3, None]),
        ("(1..3], 7", [3, 7], [1, 8]),
        ("not([50..60])", [49], [50]),
        ("true", [True], [False, None]),
        ("false", [False], [True, None]),
        ("null", [None], ["a", 0, False]),
        ("not(null)", ["a"], [None]),
        ('>= "2025-01-01"', ["2025-01-01"], ["2024-12-31", None]),
        ('< date("2025-01-01")', ["2024-12-31"], ["2025-01-01"]),
        ('[date("2025-01-01")..date("2025-12-31")]', ["2025-06-01"], ["2026-01-01"]),
        ("<= today()", ["2027-04-20"], ["2027-04-21", None]),
        ("< days_after(today(), 3)", ["2027-04-20"], ["2028"]),
        ('"a..b"', ["a..b"], ["a"]),
        ("'a'", ["a"], ["b"]),
    ],
)
def test_a_cell_matches_what_it_says(cell: str, accepted: list[Any], refused: list[Any]) -> None:
    assert [value for value in accepted if not matches(cell, value)] == []
    assert [value for value in refused if matches(cell, value)] == []


def test_ends_may_be_facts_of_the_case() -> None:
    assert matches("<= retire.date", "2027-05-20", retire={"date": "2027-05-20"})
    assert not matches("<= retire.date", "2027-05-20", retire=None)


@pytest.mark.parametrize("cell", ['"a",', ',"a"', "<", "[1..]", '"a', "not()", "[..5]"])
def test_half_a_cell_is_refused(cell: str) -> None:
    with pytest.raises(DiagramFault):
        cells.test(cell)


@pytest.mark.parametrize("cell", ["", "-", "  "])
def test_an_empty_result_is_refused(cell: str) -> None:
    with pytest.raises(DiagramFault, match="null"):
        cells.result(cell)


@pytest.mark.parametrize(
    ("cell", "value"), [('"a"', "a"), ("true", True), ("null", None), ("1 + 1", 2), ("-3", -3)]
)
def test_results_are_expressions(cell: str, value: Any) -> None:
    assert evaluate(cells.result(cell), {}, {}) == value


@given(st.text(max_size=30))
def test_whatever_is_written_is_read_or_refused_in_words(cell: str) -> None:
    try:
        source = cells.test(cell)
        if source is not None:
            evaluate(source, {cells.VALUE: "a"}, {})
    except DiagramFault:
        pass


def test_the_example_in_the_document_holds() -> None:
    assert doctest.testmod(cells).failed == 0
