"""The language of diagrams: what it computes, what it refuses."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DiagramFault
from engine.expressions import (
    assigned_names,
    calls,
    check_expression,
    check_script,
    evaluate,
    run_script,
)

FUNCTIONS = {"today": lambda: "2027-05-20", "at": lambda date, hour: f"{date}T{hour:02}:00+08:00"}
NAMES = {
    "fund": {"action": "withdraw", "amount": 12_345, "note": None},
    "apply": {"items": ["pension", "fund"]},
    "medical": None,
    "rounds": 2,
    "this": {"eligibility": {"months": 180}},
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('fund.action == "withdraw"', True),
        ('"pension" in apply.items', True),
        ('"medical" in apply.items', False),
        ('"medical" not in apply.items', True),
        ("1 < rounds <= 2", True),
        ("rounds < 2 or fund.amount // 100 == 123", True),
        ("not (fund.amount % 2)", False),
        ("this.eligibility.months >= 180", True),
        ("today()", "2027-05-20"),
        ("at(today(), 9)", "2027-05-20T09:00+08:00"),
        ('"提取" if fund.action == "withdraw" else "封存"', "提取"),
        ('"吉" + "林"', "吉林"),
        ("-rounds * 3", -6),
        ("[1, 2]", [1, 2]),
        ("rounds in (2, 3)", True),
    ],
)
def test_an_expression_gives_its_value(source: str, value: object) -> None:
    assert evaluate(source, NAMES, FUNCTIONS) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("fund.note == None", True),
        ("fund.note != None", False),
        ("fund.unheard == None", True),
        ("medical.months == None", True),
        ("medical.months >= 1", False),
        ("medical.months < 1", False),
        ("medical.months > medical.months", False),
        ("medical.months + 1 > 0", False),
        ('"a" in medical.list', False),
        ('"a" not in medical.list', True),
        ("-medical.months", None),
        ("this.other.x == None", True),
    ],
)
def test_empty_values_never_raise(source: str, value: object) -> None:
    assert evaluate(source, NAMES, FUNCTIONS) is value


HOSTILE = [
    "__import__('os').system('id')",
    "().__class__.__base__.__subclasses__()",
    "fund.__class__.x",
    "fund.action.upper()",
    "fund.a.b",
    "this.a",
    "[x for x in apply.items]",
    "lambda: 1",
    "f'{rounds}'",
    "apply.items[0]",
    "{1: 2}",
    "{1}",
    "2 ** 99",
    "rounds << 9",
    "open('x')",
    "today(*apply.items)",
    "at(date=today(), hour=1)",
    "today",
    "(rounds := 3)",
    "b'x'",
    "1j",
    "...",
    "rounds is 2",
    "_x",
    "9" * 30,
    "(" * 60 + "1" + ")" * 60 + " +" + "1+" * 300 + "1",
    "not " * 50 + "1",
    "[" * 30 + "]" * 30,
    "1 +",
    "a; b",
    "",
    "x" * 2000,
    "await x",
    "yield",
    "1 if 1",
    "fund.action == 'a\0'",
    "eval(' field')",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_what_is_not_on_the_list_is_refused(source: str) -> None:
    with pytest.raises(DiagramFault):
        evaluate(source, NAMES, FUNCTIONS)


def test_sums_and_texts_are_bounded() -> None:
    with pytest.raises(DiagramFault, match="过大"):
        evaluate("9000000000000000000 * 2", {}, {})
    with pytest.raises(DiagramFault, match="过长"):
        evaluate("x + x", {"x": "长" * 9000}, {})
    with pytest.raises(DiagramFault, match="不能做"):
        evaluate('"a" * 99', {}, {})
    with pytest.raises(DiagramFault, match="不能做"):
        evaluate('"%s" % rounds', NAMES, {})
    with pytest.raises(DiagramFault, match="不能做"):
        evaluate("apply.items * 9999999999", NAMES, {})
    with pytest.raises(DiagramFault, match="过大"):
        evaluate("x - x", {"x": float("inf")}, {})


def test_a_mistake_at_run_time_says_where() -> None:
    with pytest.raises(DiagramFault, match=r"fund\.amount // 0"):
        evaluate("fund.amount // 0", NAMES, {})
    with pytest.raises(DiagramFault, match="nobody"):
        evaluate("nobody == 1", NAMES, {})


def test_a_function_that_knows_no_such_name_is_the_diagrams_fault() -> None:
    table = {"limit": 1}
    with pytest.raises(DiagramFault, match="无法计算"):
        evaluate('parameter("nothing")', {}, {"parameter": table.__getitem__})


def test_data_cannot_shadow_a_function() -> None:
    assert evaluate("today()", {"today": lambda: "hacked"}, FUNCTIONS) == "2027-05-20"


class Sealed(Mapping[str, Any]):
    """Sections that count how often they are opened."""

    def __init__(self, sections: Mapping[str, Any]) -> None:
        self.sections, self.opened = sections, []

    def __getitem__(self, name: str) -> Any:
        self.opened.append(name)
        return self.sections[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("sections must not be listed")

    def __len__(self) -> int:
        raise AssertionError("sections must not be counted")


def test_only_the_section_asked_for_is_opened() -> None:
    sealed = Sealed(NAMES)
    assert evaluate('fund.action == "withdraw" or apply.items == None', sealed, {})
    assert sealed.opened == ["fund"]


def test_a_script_assigns_scalars_to_locals() -> None:
    script = "rounds = rounds + 1\nlate = rounds > 2\nempty = medical.months"
    assert run_script(script, NAMES, {}) == {"rounds": 3, "late": True, "empty": None}
    assert assigned_names(script) == {"rounds", "late", "empty"}
    with pytest.raises(DiagramFault, match="文字、数字"):
        run_script("x = apply.items", NAMES, {})


@pytest.mark.parametrize(
    "script",
    ["fund.action = 1", "a, b = 1, 2", "a = b = 1", "del a", "import os", "this = 1", "today = 1"],
)
def test_a_script_does_nothing_but_assign(script: str) -> None:
    with pytest.raises(DiagramFault):
        run_script(script, NAMES, FUNCTIONS)


SECTIONS = {"fund": {"action", "amount"}, "this.eligibility": {"months"}}


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("fund.color == 1", "fund 中没有字段：color"),
        ("pension.x == 1", "没有声明数据分区：pension"),
        ("this.other.x == 1", "没有声明数据分区：this.other"),
        ("round > 1", "没有声明的名称：round"),
        ("fund == None", "请写明字段：fund.字段"),
        ("at(today()) == fund.action", "at 的参数个数"),
        ("tody() == 1", "没有这个函数：tody"),
        ("fund.action = 1", "写法有误"),
    ],
)
def test_check_finds_a_mistake_before_it_runs(source: str, part: str) -> None:
    messages = check_expression(source, sections=SECTIONS, locals={"rounds"}, functions=FUNCTIONS)
    assert len(messages) == 1
    assert part in messages[0]


def test_check_lists_every_mistake_and_passes_what_is_right() -> None:
    def check(source: str) -> list[str]:
        return check_expression(source, sections=SECTIONS, locals={"rounds"}, functions=FUNCTIONS)

    assert check('rounds > 1 and fund.action == "x" and this.eligibility.months > 1') == []
    assert len(check("a.b > c or at(d)")) == 4


def test_check_reads_scripts_too() -> None:
    def check(source: str) -> list[str]:
        return check_script(source, sections=SECTIONS, locals={"rounds"}, functions=FUNCTIONS)

    assert check("rounds = rounds + 1") == []
    assert any("重名" in m for m in check("fund = 1"))
    assert any("赋值" in m for m in check("rounds += 1"))


def test_calls_lists_functions_with_their_literals() -> None:
    assert calls('at(deadline("lapse"), fund.x)') == [("at", (..., ...)), ("deadline", ("lapse",))]
    assert calls('x = parameter("limit")') == [("parameter", ("limit",))]
    assert calls("broken (") == []


@given(st.text(max_size=60))
def test_no_text_does_anything_but_give_a_value_or_a_fault(source: str) -> None:
    try:
        evaluate(source, NAMES, FUNCTIONS)
    except DiagramFault as fault:
        assert fault.message


words = st.sampled_from(
    [*"()[],+-*/%<>=.", "rounds", "fund", ".action", "not", "in", "today", "'a'", "1", "None", "if"]
)


@given(st.lists(words, max_size=12).map(" ".join))
def test_no_mixture_of_its_own_words_escapes(source: str) -> None:
    try:
        value = evaluate(source, NAMES, FUNCTIONS)
    except DiagramFault:
        return
    assert value is None or isinstance(value, str | int | float | bool | list | tuple | dict)
