"""Decision tables at work: hit policies, faults with their place, and diagrams that ask them."""

from typing import Any

import pytest

from engine.decisions.deciding import Decide
from engine.decisions.overlap import overlapping
from engine.decisions.reading import read_table
from engine.decisions.table import Table
from engine.errors import DiagramFault, PackInvalid
from engine.expressions import Known, evaluate, run_script
from tests.engine.bpmn import Process, document
from tests.engine.dmn import Row, decision

LEVELS: list[Row] = [
    (['"county"', "<= 60"], ['"county_office"', "false"]),
    (['"county"', "> 60"], ['"county_office"', "true"]),
    (['"city"', "-"], ['"city_office"', "true"]),
]


def table(rows: list[Row], policy: str = "UNIQUE", **more: Any) -> Table:
    inputs = more.pop("inputs", ["unit.level", "approval.deemed_months"])
    outputs = more.pop("outputs", ["office", "second_review"])
    content = decision("approval_level", inputs, outputs, rows, policy, **more)
    return read_table("processes/test/approval_level.dmn", content)


def decide(of: Table, names: dict[str, Any], output: str | None = None) -> Any:
    return Decide({of.id: of}, {}, names)(of.id, output)


def facts(level: str | None, months: int | None) -> dict[str, Any]:
    return {"unit": {"level": level}, "approval": {"deemed_months": months}}


@pytest.mark.parametrize(
    ("level", "months", "result"),
    [
        ("county", 60, ("county_office", False)),
        ("county", 61, ("county_office", True)),
        ("city", None, ("city_office", True)),
        ("county", None, (None, None)),
        ("village", 1, (None, None)),
    ],
)
def test_a_unique_table_gives_the_row_that_matches(
    level: str, months: int | None, result: tuple[Any, Any]
) -> None:
    levels, names = table(LEVELS), facts(level, months)
    assert decide(levels, names, "office") == result[0]
    assert decide(levels, names, "second_review") == result[1]


def test_two_matching_rows_of_a_unique_table_are_an_error_that_names_them() -> None:
    rows = [*LEVELS, (["-", "> 100"], ['"nobody"', "true"])]
    with pytest.raises(DiagramFault, match=r"approval_level 的表.*第 2、4 行"):
        decide(table(rows), facts("county", 120), "office")


def test_the_first_row_counts_and_those_behind_it_are_not_even_worked_out() -> None:
    rows: list[Row] = [(['"county"', "-"], ['"a"', "1"]), (["> 1", "-"], ['"b"', "2"])]
    assert decide(table(rows, "FIRST"), facts("county", 1), "office") == "a"


def test_collected_results_are_a_list_in_the_order_of_the_rows() -> None:
    rows: list[Row] = [(["-"], ['"申请表"']), (['"unit"'], ['"公示表"']), (['"person"'], ['"x"'])]
    materials = table(rows, "COLLECT", inputs=["applicant.type"], outputs=["material"])
    assert decide(materials, {"applicant": {"type": "unit"}}) == ["申请表", "公示表"]
    assert decide(materials, {}) == ["申请表"]


def test_a_fault_names_the_table_and_the_row() -> None:
    rows: list[Row] = [(["-", '> "a"'], ['"x"', "1"])]
    with pytest.raises(DiagramFault, match=r"approval_level 的表”第 1 行：.*无法计算"):
        decide(table(rows), facts("county", 5), "office")


def test_an_unknown_table_or_output_is_a_fault() -> None:
    with pytest.raises(DiagramFault, match="没有结果列：（未写明）"):
        decide(table(LEVELS), {})
    with pytest.raises(DiagramFault, match="没有结果列：offices"):
        decide(table(LEVELS), {}, "offices")
    with pytest.raises(DiagramFault, match="没有这张决策表：other"):
        Decide({}, {}, {})("other")


def test_expressions_and_scripts_ask_with_what_they_see_themselves() -> None:
    rows: list[Row] = [(["> 2"], ['"many"']), (["<= 2"], ['"few"'])]
    rounds = table(rows, inputs=["rounds + this.seal.tries"], outputs=["word"])
    functions = {"decide": Decide({rounds.id: rounds}, {}, {})}
    names = Known({"rounds": 1, "this": {"seal": {"tries": 1}}})
    assert evaluate('decide("approval_level") == "few"', names, functions) is True
    script = 'rounds = rounds + 1\nword = decide("approval_level", "word")'
    assert run_script(script, names, functions) == {"rounds": 2, "word": "many"}


def test_a_table_cannot_ask_a_table() -> None:
    rows: list[Row] = [(["-", "-"], ['decide("approval_level")', "1"])]
    with pytest.raises(DiagramFault, match="没有这个函数：decide"):
        decide(table(rows), {}, "office")


# ---------------------------------------------------------------- overlap


@pytest.mark.parametrize(
    ("first", "second", "type_", "overlap"),
    [
        ("<= 60", "> 60", "number", False),
        ("<= 60", ">= 60", "number", True),
        ("< 60", "> 59", "number", True),
        ("< 60", "> 59", "integer", False),
        ("[1..3]", "(3..5]", "integer", False),
        ('"a"', '"b"', "string", False),
        ('"a","b"', '"b"', "string", True),
        ('not("a")', '"a"', "string", False),
        ('not("a")', 'not("b")', "string", True),
        ('not("a")', '"b"', "string", True),
        ("-", '"b"', "string", True),
        ("true", "false", "boolean", False),
        ("true", "not(false)", "boolean", True),
        ('<= "2024-12-31"', '> "2024-12-31"', "string", False),
        ('> "2024-12-31"', '< "2025-01-01"', "string", False),  # no day lies between
        ('> "2024-12-31"', '<= "2025-01-01"', "string", True),
        ("null", "not(null)", "string", False),
        ("< today()", "> today()", "string", False),  # cannot tell
        ("5", '"five"', "", False),
    ],
)
def test_rows_that_both_match_are_found_on_paper(
    first: str, second: str, type_: str, overlap: bool
) -> None:
    rows: list[Row] = [([first], ["1"]), ([second], ["2"])]
    found = overlapping(table(rows, inputs=["a.b"], outputs=["c"], types=[type_]))
    assert bool(found) is overlap


def test_rows_overlap_only_if_every_column_does() -> None:
    rows: list[Row] = [(['"a"', "1"], ["1"]), (['"a"', "2"], ["2"]), (["-", "2"], ["3"])]
    assert overlapping(table(rows, outputs=["c"])) == [(2, 3)]
    assert overlapping(table(rows, "FIRST", outputs=["c"])) == []


# ---------------------------------------------------------------- reading and diagrams


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    rows: list[Row] = [(['"a', "-"], ["", "1"]), (["-"], ["1", "2"])]
    with pytest.raises(PackInvalid) as caught:
        table(rows, policy="bogus", inputs=["", "a.b"], outputs=["Bad", "ok"])
    codes = sorted(problem.code for problem in caught.value.problems)
    assert codes == [
        *("decision-cell", "decision-cell", "decision-input", "decision-output"),
        *("decision-row", "hit-policy"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"<a/>", b"<!DOCTYPE a []><a/>", document(Process("main").start())]
)
def test_what_is_no_decision_table_is_refused(content: bytes) -> None:
    with pytest.raises(PackInvalid):
        read_table("x.dmn", content)
