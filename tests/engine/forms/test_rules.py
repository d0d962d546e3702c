"""National rules on forms: what is refused, what is only said, and mistakes of the mapping."""

from datetime import date
from typing import Any

import pytest

from engine.errors import Invalid
from engine.forms import Form, advice, check_schema, clean, layout

TODAY = date(2026, 11, 20)
RULE = {
    "rule": "retirement",
    "id_no": "person.id_no",
    "age_class": "age_class",
    "birth": "birth_used",
    "birth_file": "birth_file",
    "birth_reason": "birth_reason",
    "type": "retire_type",
    "chosen": "retire_date",
    "contributed": "contribution_check.actual_months",
    "deemed": "deemed_months",
    "special": "special_work",
}
TYPES = ("normal", "early", "late", "special", "illness", "resignation")


def text(title: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": title, **more}


def options(title: str, *values: str) -> dict[str, Any]:
    return text(title, oneOf=[{"const": value, "title": f"选项 {value}"} for value in values])


SCHEMA: dict[str, Any] = {
    "title": "档案初审",
    "type": "object",
    "x-rule": RULE,
    "properties": {
        "age_class": options("原法定退休年龄", "60", "55", "50"),
        "birth_file": text("档案出生日期"),
        "birth_used": text("认定出生日期", format="date"),
        "birth_reason": text("理由"),
        "retire_type": options("退休类型", *TYPES),
        "retire_date": text("退休日期", format="date"),
        "deemed_months": {"type": "integer", "title": "视同缴费月数"},
        "special_work": {
            "type": "array",
            "title": "特殊工种",
            "items": {
                "type": "object",
                "properties": {
                    "kind": options("工种", "underground", "harmful"),
                    "months": {"type": "integer", "title": "月数"},
                },
            },
        },
    },
}
FORM = Form(SCHEMA, {"ui:advice": RULE})
DATA = {
    "person": {"id_no": "220199196611200016"},
    "contribution_check": {"actual_months": 120},
}
GOOD = {"birth_used": "1966-11-20", "retire_type": "normal", "retire_date": "2027-05-20"}


def refused(**answers: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        clean(FORM, {**GOOD, **answers}, DATA, TODAY)
    return dict(caught.value.errors)


def test_what_the_law_allows_is_stored() -> None:
    assert clean(FORM, GOOD, DATA, TODAY) == GOOD


def test_a_date_before_the_statutory_age_is_refused_at_its_field_with_the_law() -> None:
    errors = refused(retire_date="2027-04-20")
    assert set(errors) == {"retire_date"}
    assert "2027-05-20" in errors["retire_date"] and "94号" in errors["retire_date"]


def test_retirement_for_illness_points_to_the_allowance_at_the_type() -> None:
    errors = refused(retire_type="illness")
    assert set(errors) == {"retire_type"} and "病残津贴" in errors["retire_type"]


def test_too_few_months_are_told_where_the_form_has_a_field_for_it() -> None:
    errors = refused(retire_type="early", retire_date="2026-12-20", deemed_months=10)
    assert set(errors) == {"retire_date"} and "10 年 10 个月" in errors["retire_date"]


def test_a_birth_that_does_not_follow_from_the_file_needs_a_reason() -> None:
    assert set(refused(birth_file="1966-10")) == {"birth_used"}
    reasoned = {**GOOD, "birth_file": "1966-10", "birth_reason": "档案涂改，经鉴定"}
    assert clean(FORM, reasoned, DATA, TODAY) == reasoned


def test_rows_of_special_work_are_added_up() -> None:
    row = {"kind": "underground", "months": 54}
    special = {"retire_type": "special", "retire_date": "2026-12-20", "deemed_months": 60}
    assert set(refused(**special, special_work=[row])) == {"special_work"}
    assert clean(FORM, {**GOOD, **special, "special_work": [row, row]}, DATA, TODAY)


def test_mistakes_of_the_form_are_told_before_the_law_is_asked() -> None:
    assert set(refused(retire_date="soon")) == {"retire_date"}
    assert "94号" not in refused(retire_date="soon")["retire_date"]


def test_advice_follows_the_answers_and_survives_nonsense() -> None:
    found = advice(FORM, GOOD, DATA, TODAY)
    assert found is not None and len(found.days) == 4
    for nonsense in ([], {}, "x", 7, True, None, [None], 10**18):
        advice(FORM, dict.fromkeys(SCHEMA["properties"], nonsense), DATA, TODAY)
    assert advice(FORM, GOOD, {}, TODAY) is not None
    assert advice(Form(SCHEMA), GOOD, DATA, TODAY) is None


def test_fields_the_advice_looks_at_show_the_form_again() -> None:
    refreshing = {field.path for field in layout(FORM, {}) if field.refreshes}
    assert refreshing == {place for key, place in RULE.items() if "." not in place} - {"retirement"}
    assert not any(field.refreshes for field in layout(Form(SCHEMA), {}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rule": "horoscope"}, "可用的规则：retirement"),
        ({"birthday": "birth_used"}, "不认识“birthday”"),
        ({"birth": "birth_date"}, "“birth_date”没有声明"),
        ({"age_class": "retire_type"}, "不是“age_class”可用的值"),
        ({"chosen": 5}, "应为字段名"),
    ],
)
def test_mistakes_of_the_mapping_are_found_in_both_places(
    change: dict[str, Any], said: str
) -> None:
    rule = {**RULE, **change}
    found = dict(check_schema({**SCHEMA, "x-rule": rule}, {"ui:advice": rule}))
    assert said in found["/x-rule"] and said in found["ui:/ui:advice"]


def test_what_a_rule_needs_must_be_told_to_it() -> None:
    found = dict(
        check_schema({**SCHEMA, "x-rule": {"rule": "retirement", "birth": "birth_used"}}, {})
    )
    assert "age_class" in found["/x-rule"]
    assert check_schema(SCHEMA, {"ui:advice": RULE}) == []


def test_a_rule_belongs_to_the_form_as_a_whole() -> None:
    inside = {**SCHEMA["properties"]["retire_date"], "x-rule": RULE}
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "retire_date": inside}}
    assert ("/properties/retire_date/x-rule", "x-rule 只能写在整个表单上，不能写在字段里") in (
        check_schema(schema, {"retire_date": {"ui:advice": RULE}})
    )
    assert check_schema(SCHEMA, {"retire_date": {"ui:advice": RULE}})
