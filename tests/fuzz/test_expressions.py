"""Whatever is written in the language of diagrams gives plain data or our error, and touches
nothing outside."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DiagramFault
from engine.expressions import MAX_TEXT, check_expression, check_script, evaluate, run_script
from engine.functions import case_functions
from tests.fuzz.budget import examples
from tests.fuzz.values import anything, texts
from tests.stage import CALENDAR, JILIN

NOW = datetime(2027, 5, 20, 1, tzinfo=UTC)
#: What Python tells its auditors when somebody reaches out of the language.
OUTSIDE = ("open", "os.", "subprocess.", "socket.", "ctypes.")
_watching: list[str] = []
_seen: list[str] = []


def _audit(event: str, _arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith(OUTSIDE):
        _seen.append(event)


sys.addaudithook(_audit)

sections = st.fixed_dictionaries(
    {
        "fund": st.none() | st.dictionaries(st.sampled_from(["action", "amount", "day"]), anything),
        "rounds": anything,
        "this": st.dictionaries(st.just("seal"), st.dictionaries(st.just("month"), anything)),
    }
)
FUNCTIONS = case_functions(JILIN.config, CALENDAR, NOW, {})
names = st.sampled_from(
    ["fund.action", "fund.amount", "fund.day", "this.seal.month", "rounds", "other", "fund", "this"]
)
literals = (
    st.integers(-(2**70), 2**70).map(str) | st.floats().map(repr)
    | texts.map(json.dumps) | st.sampled_from(["None", "True", "()", "[]"])
)  # fmt: skip
escapes = st.sampled_from(
    ["().__class__", "fund.__class__", "[x for x in rounds]", "(lambda: 1)", "f'{fund}'", "(x:=1)"]
)
SIGNS = (
    *("+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in"),
    *("and", "or", "**", "<<", "|", "is", "@"),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(SIGNS)
    some = st.lists(inner, max_size=3)
    return (
        st.tuples(inner, signs, inner).map(" ".join)
        | st.tuples(st.sampled_from(["-", "not "]), inner).map(lambda x: f"{x[0]}({x[1]})")
        | st.tuples(inner, inner, inner).map(lambda x: f"({x[0]} if {x[1]} else {x[2]})")
        | some.map(lambda parts: f"[{', '.join(parts)}]")
        | some.map(lambda parts: f"({', '.join(parts)})")
        | st.tuples(st.sampled_from(sorted(FUNCTIONS)), some).map(
            lambda x: f"{x[0]}({', '.join(x[1])})"
        )
    )


written = st.recursive(names | literals | escapes, _larger, max_leaves=10)


def _is_data(value: Any) -> bool:
    match value:
        case list() | tuple():
            return all(_is_data(one) for one in value)
        case dict():
            return all(isinstance(key, str) and _is_data(one) for key, one in value.items())
        case _:
            return value is None or isinstance(value, str | int | float | bool)


@examples(400)
@given(written, sections)
def test_an_expression_gives_data_or_our_error_and_touches_nothing(
    source: str, data: dict[str, Any]
) -> None:
    before = repr(data)
    _seen.clear()
    _watching.append(source)
    try:
        value = evaluate(source, data, FUNCTIONS)
    except DiagramFault as fault:
        assert fault.message
        value = None
    finally:
        _watching.clear()
    assert _seen == []
    assert repr(data) == before
    assert _is_data(value)
    assert not isinstance(value, str) or value in before or len(value) <= MAX_TEXT


@examples(100)
@given(written | st.text(max_size=60))
def test_checking_an_expression_only_ever_gives_messages(source: str) -> None:
    known = {"fund": {"action"}, "this.seal": {"month"}}
    for check in (check_expression, check_script):
        messages = check(source, sections=known, locals={"rounds"}, functions=FUNCTIONS)
        assert all(isinstance(message, str) and message for message in messages)


@examples(100)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "fund", "_x"]), written), max_size=4), sections
)
def test_a_script_assigns_scalars_or_gives_our_error(
    lines: list[tuple[str, str]], data: dict[str, Any]
) -> None:
    try:
        assigned = run_script("\n".join(f"{n} = {e}" for n, e in lines), data, FUNCTIONS)
    except DiagramFault:
        return
    assert all(
        value is None or isinstance(value, str | int | float | bool) for value in assigned.values()
    )
