"""The fields to show: kinds, order, what can be read, what is masked."""

from typing import Any

import pytest

from engine.forms import Field, Form, layout, walk
from tests.engine.forms.examples import CARD, DATA, FORM, ID_NO, SCHEMA, UI, as_person, good


def shown(answers: dict[str, Any], form: Form = FORM) -> dict[str, Field]:
    return {field.path: field for field in walk(layout(form, answers))}


def test_fields_come_in_the_order_of_the_ui_schema_and_rows_in_their_places() -> None:
    assert list(shown(good(deputy=True))) == [
        "case_no", "kind", "unit", "uscc", "deputy", "deputy_name", "mobile", "months", "rate",
        "amount", "retire_date", "items", "centre", "reasons", "people", "people.0.name",
        "people.0.id_no", "people.0.abroad", "remark", "promise",
    ]  # fmt: skip


def test_every_field_gets_the_kind_of_input_it_needs() -> None:
    kinds = {
        path: field.kind for path, field in shown({**as_person(), **good(kind="person")}).items()
    }
    assert kinds == {
        "case_no": "fact", "kind": "radio", "bank": "group", "bank.holder": "text",
        "bank.card": "text", "bank.card_again": "text", "mobile": "text", "months": "number",
        "rate": "number", "amount": "money", "retire_date": "date", "items": "checkboxes",
        "centre": "select", "reasons": "lines", "people": "rows", "people.0.name": "text",
        "people.0.id_no": "text", "people.0.abroad": "tick", "remark": "textarea",
        "promise": "tick",
    }  # fmt: skip


def test_fields_that_decide_about_others_refresh_the_form_by_themselves() -> None:
    assert {path for path, field in shown(good()).items() if field.refreshes} == {
        "kind",
        "deputy",
        "people.0.abroad",
    }


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("kind", "unit", "单位"),
        ("items", ["pension", "fund"], "养老、公积金"),
        ("items", [], "—"),
        ("remark", None, "—"),
        ("promise", True, "是"),
        ("amount", 123450, "1,234.50 元"),
        ("amount", "abc", "abc"),
        ("months", 0, "0"),
        ("mobile", "13800138000", "138****8000"),
        ("kind", "gone", "gone"),
    ],
)
def test_answers_are_read_as_words_and_sensitive_ones_are_masked(
    path: str, value: Any, text: str
) -> None:
    assert shown(good(**{path: value}))[path].text == text


def test_sensitive_numbers_in_rows_and_groups_are_masked_too() -> None:
    assert shown(good())["people.0.id_no"].text == "220199********0011"
    assert shown(as_person())["bank.card"].text == "*" * 15 + CARD[-4:]


def test_a_yes_is_not_a_one() -> None:
    schema = {"type": "integer", "title": "数", "oneOf": [{"const": 1, "title": "一"}]}
    field = Field("n", schema, {}, "radio", value=True)
    assert not field.chosen(field.options[0])


def test_what_is_inside_a_read_only_group_is_read_only() -> None:
    group = {
        "type": "object", "title": "预审", "readOnly": True, "x-prefill": "prereview.result",
        "properties": {"date": {"type": "string", "title": "日期", "format": "date"}},
    }  # fmt: skip
    form = Form({**SCHEMA, "properties": {"result": group}}, UI)
    assert shown({"result": {"date": "2027-05-20"}}, form)["result.date"].kind == "fact"


def test_the_source_of_a_value_is_known() -> None:
    fields = shown(good(case_no=DATA["case"]["no"]))
    assert (fields["case_no"].source, fields["kind"].source) == ("case", None)
    assert fields["case_no"].text == "JL202611200001"


def test_rows_grow_to_their_limit() -> None:
    row = {"name": "测试", "id_no": ID_NO}
    assert shown(good(people=[row] * 2))["people"].can_grow
    assert not shown(good(people=[row] * 3))["people"].can_grow
