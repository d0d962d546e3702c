"""What the checker says to the author of a form."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import check_schema
from engine.forms.patterns import pattern_fault
from tests.engine.forms.examples import SCHEMA, UI

SMALL: dict[str, Any] = {
    "title": "小表",
    "type": "object",
    "properties": {"name": {"type": "string", "title": "姓名"}},
}


def small(**changes: Any) -> dict[str, Any]:
    return {**SMALL, **changes}


def with_field(**field: Any) -> dict[str, Any]:
    return small(properties={"name": {"type": "string", "title": "姓名", **field}})


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "string", "title": "值"}
    for _ in range(depth):
        inner = {"type": "object", "title": "组", "properties": {"a": inner}}
    return inner


@pytest.mark.parametrize("value", [[], {}, None, 7, "email"])
def test_a_format_that_is_none_is_pointed_out_whatever_it_is(value: Any) -> None:
    findings = check_schema(with_field(format=value), {})

    assert findings != []


def test_a_form_without_mistakes_has_no_findings() -> None:
    assert check_schema(SCHEMA, UI) == []
    assert check_schema(SMALL, {}) == []


def test_a_checklist_may_have_cells_that_its_fact_fills_in_and_be_shown_as_a_table() -> None:
    cell = {"type": "string", "title": "材料", "readOnly": True}
    rows = {"type": "object", "properties": {"code": cell, "title": cell}}
    checklist = {"type": "array", "title": "清单", "x-rows": "materials.rows", "items": rows}
    ui = {"list": {"ui:widget": "table", "items": {"code": {"ui:hidden": True}}}}

    assert check_schema(small(properties={"list": checklist}), ui) == []

    rows["properties"] = {"code": {"type": "string", "title": "代码"}}
    [(pointer, said)] = check_schema(small(properties={"list": checklist}), {})
    assert (pointer, "readOnly" in said) == ("/properties/list/x-rows", True)


@pytest.mark.parametrize(
    ("schema", "pointer", "said"),
    [
        ([], "/", "JSON 对象"),
        (small(type="array"), "/type", "object"),
        (small(title="Form"), "/title", "中文标题"),
        (small(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "/$schema", "2020-12"),
        (with_field(minLength="two"), "/properties/name/minLength", "2020-12"),
        (with_field(title="Name"), "/properties/name/title", "中文标题"),
        (with_field(type=["string", "null"]), "/properties/name/type", "type 应为"),
        (with_field(format="email"), "/properties/name/format", "不支持的格式"),
        (with_field(format="fen"), "/properties/name/format", "integer"),
        (with_field(pattern="(a+)+$"), "/properties/name/pattern", "^ 开头"),
        (with_field(pattern="^(a+)+$"), "/properties/name/pattern", "过于复杂"),
        (with_field(readOnly=True), "/properties/name/readOnly", "x-prefill"),
        (with_field(**{"x-prefil": "a.b"}), "/properties/name/x-prefil", "不认识的扩展"),
        (with_field(**{"x-errors": "错"}), "/properties/name/x-errors", "中文提示"),
        (with_field(**{"x-prefill": "name"}), "/properties/name/x-prefill", "数据段.字段"),
        (with_field(**{"x-prefill": "__import__('os')"}), "/properties/name/x-prefill", "数据段"),
        (with_field(**{"x-equals": "other"}), "/properties/name/x-equals", "没有字段“other”"),
        (with_field(**{"x-rows": "materials"}), "/properties/name/x-rows", "数据段.字段"),
        (with_field(**{"x-rows": "materials.rows"}), "/properties/name/x-rows", "“code”"),
        (with_field(oneOf=[{"const": "a"}]), "/properties/name/oneOf/0/title", "中文标题"),
        (with_field(oneOf=[{"title": "甲"}]), "/properties/name/oneOf/0", "const"),
        (with_field(type="array"), "/properties/name/items", "items"),
        (
            with_field(type="array", items={"type": "integer"}),
            "/properties/name/items",
            "列表的每一项",
        ),
        (small(**{"x-bulk": "yes"}), "/x-bulk", "只能写 true"),
        (with_field(**{"x-bulk": True}), "/properties/name/x-bulk", "整个表单"),
        (
            small(
                **{"x-bulk": True},
                properties={
                    **SMALL["properties"],
                    "scan": {"type": "string", "title": "扫描件", "format": "file"},
                },
            ),
            "/x-bulk",
            "不能要求附件",
        ),
        (
            small(
                **{"x-bulk": True},
                properties={
                    "name": {"type": "string", "title": "姓名", "x-prefill": "person.name"}
                },
            ),
            "/x-bulk",
            "因人而异",
        ),
        (small(properties={}), "/properties", "没有任何字段"),
        (small(properties={"Name": SMALL["properties"]["name"]}), "/properties/Name", "字段名"),
        (small(properties={"姓名": SMALL["properties"]["name"]}), "/properties/姓名", "字段名"),
        (small(required=["age"]), "/required", "“age”没有声明"),
        (small(additionalProperties=True), "/additionalProperties", "删去"),
        (small(patternProperties={".*": {}}), "/patternProperties", "不能使用"),
        (with_field(**{"$ref": "https://example.org/x.json"}), "/properties/name/$ref", "$defs"),
        (with_field(**{"$ref": "#/$defs/lost"}), "/", "不存在"),
        (
            small(**{"$defs": {"a": {"$ref": "#/$defs/a"}}}, allOf=[{"$ref": "#/$defs/a"}]),
            "/",
            "循环",
        ),
        (
            small(allOf=[{"if": {"properties": {"name": {"const": "a"}}}, "then": {}}]),
            "/allOf/0/if/properties/name",
            "否则未填写时条件也成立",
        ),
        (
            small(**{"if": {"properties": {"age": {"const": 1}}, "required": ["age"]}, "then": {}}),
            "/if/properties/age",
            "没有声明",
        ),
        (small(**{"if": {"required": ["name"]}}), "/if", "没有 then"),
        (nested(6), "/properties/a/properties/a/properties/a/properties/a", "嵌套"),
        (nested(30), "/", "层次超过"),
    ],
)
def test_each_mistake_is_named_with_its_place(schema: Any, pointer: str, said: str) -> None:
    findings = check_schema(schema, {})
    assert any(at == pointer and said in message for at, message in findings), findings


@pytest.mark.parametrize(
    ("ui", "pointer", "said"),
    [
        ([], "ui:/", "JSON 对象"),
        ({"ui:order": ["name", "age"]}, "ui:/ui:order", "“age”没有声明"),
        ({"ui:order": "name"}, "ui:/ui:order", "列表"),
        ({"ui:columns": 7}, "ui:/ui:columns", "1 或 2"),
        ({"age": {}}, "ui:/age", "既不是字段名"),
        ({"name": {"ui:widget": "carousel"}}, "ui:/name/ui:widget", "不认识的控件"),
        ({"name": {"ui:widget": "money"}}, "ui:/name/ui:widget", "fen"),
        ({"name": {"onclick": "x"}}, "ui:/name/onclick", "不认识的界面设置"),
        ({"name": "radio"}, "ui:/name", "JSON 对象"),
    ],
)
def test_each_mistake_of_the_ui_schema_is_named(ui: Any, pointer: str, said: str) -> None:
    findings = check_schema(SMALL, ui)
    assert any(at == pointer and said in message for at, message in findings), findings


def test_all_mistakes_are_reported_at_once() -> None:
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["mobile"]["format"] = "phone"
    schema["properties"]["Months"] = schema["properties"].pop("months")
    del schema["properties"]["remark"]["title"]
    places = [pointer for pointer, _ in check_schema(schema, {"ghost": {}, **UI})]
    assert places == [
        "/properties/mobile/format",
        "/properties/remark/title",
        "/properties/Months",
        "ui:/ghost",
    ]


def test_definitions_that_double_themselves_are_refused_not_expanded() -> None:
    bomb: dict[str, Any] = {"d0": {"type": "string", "title": "值"}}
    for n in range(1, 40):
        twice = {key: {"$ref": f"#/$defs/d{n - 1}"} for key in ("a", "b")}
        bomb[f"d{n}"] = {"type": "object", "title": "组", "properties": twice}
    schema = small(properties={"a": {"$ref": "#/$defs/d39"}}, **{"$defs": bomb})
    assert check_schema(schema, {}) == [("/", "表单定义过大")]


@pytest.mark.parametrize(
    "pattern", [r"^\d{6}$", r"^[A-Z]{2}-?\d+$", r"^(甲|乙)字第[0-9]{1,6}号$", r"^(\d{3}-){2}\d*$"]
)
def test_plain_patterns_may_be_used(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d+",
        r"^(a+)+$",
        r"^(a|aa)+$",
        r"^(\d*)*$",
        r"^((ab)*c?)*$",
        r"^(a)\1$",
        r"^(?=a).*$",
        r"^a*a*a*$",
        r"^a?a?a?a?a?a?a?a?$",
        r"^(a{1,50}){1,50}$",
        r"^[$",
        "^" + "a" * 300 + "$",
        17,
    ],
)
def test_patterns_that_can_be_made_to_run_for_hours_are_refused(pattern: object) -> None:
    assert pattern_fault(pattern) is not None


WORDS = [
    "type", "title", "properties", "items", "oneOf", "enum", "const", "required", "allOf", "if",
    "then", "format", "pattern", "$ref", "$defs", "x-equals", "x-prefill", "x-errors", "readOnly",
    "name", "ui:order", "ui:widget", "ui:columns", "object", "array", "string", "#/$defs/name",
]  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(WORDS), anything, max_size=6), anything)
def test_whatever_an_author_writes_gets_findings_not_a_crash(schema: Any, ui: Any) -> None:
    for checked in (schema, small(**schema), with_field(**schema)):
        assert all(at and said for at, said in check_schema(checked, ui))
