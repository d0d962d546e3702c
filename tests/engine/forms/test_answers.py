"""Answers: from browser and JSON to what is stored, and what is refused."""

import copy
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from engine.errors import Invalid
from engine.forms import Form, check_schema, clean, parse, prefill
from tests.engine.forms.examples import (
    CARD,
    DATA,
    FORM,
    ID_NO,
    SCHEMA,
    UI,
    USCC,
    as_person,
    good,
)

POSTED = [
    ("kind", "unit"), ("unit", " 测试机械厂 "), ("uscc", USCC.lower()), ("deputy", "false"),
    ("mobile", "138 0013 8000"), ("months", "１８０"), ("amount", "1,234.5"),
    ("retire_date", "2027年5月20日"), ("items", "pension"), ("items", "fund"),
    ("reasons", "第一条\r\n\r\n第二条"), ("people.0.name", "测试甲"), ("people.0.id_no", ID_NO),
    ("people.0.abroad", "false"), ("promise", "false"), ("promise", "true"), ("rate", "0.5"),
    ("case_no", "伪造"), ("_action", "submit"), ("csrf_token", "x"),
]  # fmt: skip


def faults(
    answers: Mapping[str, Any], data: Mapping[str, Any] = DATA, **more: Any
) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        clean(FORM, answers, data, **more)
    return refused.value.errors


def posted(*pairs: tuple[str, str]) -> "MultiDict[str, str]":
    return MultiDict(pairs)


def test_the_example_form_itself_has_no_mistakes() -> None:
    assert check_schema(SCHEMA, UI) == []


def test_what_a_browser_posts_becomes_typed_answers() -> None:
    assert parse(FORM, posted(*POSTED), DATA) == {
        "case_no": "JL202611200001",
        "kind": "unit",
        "unit": "测试机械厂",
        "uscc": USCC,
        "deputy": False,
        "mobile": "13800138000",
        "months": 180,
        "rate": 0.5,
        "amount": 123450,
        "retire_date": "2027-05-20",
        "items": ["pension", "fund"],
        "reasons": ["第一条", "第二条"],
        "people": [{"name": "测试甲", "id_no": ID_NO, "abroad": False}],
        "promise": True,
    }


def test_what_a_browser_posts_passes_unchanged_through_cleaning() -> None:
    answers = parse(FORM, posted(*POSTED), DATA)
    assert clean(FORM, answers, DATA) == answers


def test_text_that_is_no_number_stays_and_is_named() -> None:
    answers = parse(FORM, posted(*POSTED, ("months", "一百"), ("amount", "1.234")), DATA)
    assert (answers["months"], answers["amount"]) == ("一百", "1.234")
    assert faults(answers) == {
        "months": "缴费月数应为整数",
        "amount": "补缴金额应为金额（元），最多两位小数",
    }


def test_hidden_values_are_dropped_even_those_hidden_by_hidden_ones() -> None:
    answers = good(kind="person", deputy=True, deputy_name="测试乙", bank=as_person()["bank"])
    kept = clean(FORM, answers, DATA)
    assert not {"unit", "uscc", "deputy", "deputy_name"} & set(kept)
    shown = parse(FORM, posted(("kind", "unit"), ("deputy", "true"), ("deputy_name", "乙")))
    assert shown["deputy_name"] == "乙"
    hidden = parse(FORM, posted(("kind", "person"), ("deputy", "true"), ("deputy_name", "乙")))
    assert "deputy_name" not in hidden


def test_conditions_inside_rows_look_at_their_own_row() -> None:
    rows = [
        {"name": "测试甲", "id_no": ID_NO, "abroad": True, "country": "甲国"},
        {"name": "测试乙", "id_no": ID_NO, "abroad": False, "country": "乙国"},
    ]
    kept = clean(FORM, good(people=rows), DATA)["people"]
    assert kept[0]["country"] == "甲国"
    assert "country" not in kept[1]
    del rows[0]["country"]
    assert faults(good(people=rows)) == {"people.0.country": "请填写国家"}


def test_rows_keep_their_order_whatever_their_numbers() -> None:
    answers = parse(FORM, posted(("people.7.name", "后"), ("people.2.name", "前")))
    assert [row["name"] for row in answers["people"]] == ["前", "后"]


def test_faults_come_in_the_order_of_the_fields() -> None:
    answers = good(uscc="1", mobile="1", months=-1, people=[{"name": "甲", "id_no": "1"}])
    del answers["unit"]
    found = faults({**answers, "promise": False})
    assert list(found.items()) == [
        ("unit", "请填写单位名称"),
        ("uscc", "统一社会信用代码应为 18 位"),
        ("mobile", "手机号码应为 11 位，以 1 开头"),
        ("months", "缴费月数不能小于 0"),
        ("people.0.name", "姓名不能少于 2 个字"),
        ("people.0.id_no", "公民身份号码应为 18 位，前 17 位为数字"),
        ("promise", "须勾选“本人承诺真实有效”"),
    ]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"kind": "both"}, "kind", "请从所列选项中选择申请人类型"),
        ({"centre": "己"}, "centre", "请从所列选项中选择办理机构"),
        ({"items": ["pension", "taxi"]}, "items", "请从所列选项中选择联办事项"),
        ({"items": ["fund", "fund"]}, "items", "联办事项中有重复的内容"),
        ({"items": "fund"}, "items", "联办事项应为列表"),
        ({"people": []}, "people", "人员至少填写 1 项"),
        ({"people": [{"name": "测试", "id_no": ID_NO}] * 4}, "people", "人员最多填写 3 项"),
        ({"people": ["测试"]}, "people", "人员应为一组内容"),
        ({"amount": 99}, "amount", "补缴金额不能小于 1.00 元"),
        ({"amount": 1.5}, "amount", "补缴金额应为金额（元），最多两位小数"),
        ({"months": True}, "months", "缴费月数应为整数"),
        ({"retire_date": "2026-02-30"}, "retire_date", "退休日期应为有效日期，例如 2026-11-20"),
        ({"retire_date": "20260220"}, "retire_date", "退休日期应为有效日期，例如 2026-11-20"),
        ({"remark": "长" * 21}, "remark", "备注不能超过 20 个字"),
        ({"unit": "厂" * 5000}, "unit", "单位名称不能超过 4000 个字"),
        ({"unit": "厂\x00"}, "unit", "单位名称中含有不可显示的字符，请重新填写"),
        ({"unit": "厂\ud800"}, "unit", "单位名称中含有不可显示的字符，请重新填写"),
        ({"unit": {"a": 1}}, "unit", "单位名称应为文字"),
        ({"reasons": ["好", "\x07"]}, "reasons", "理由中含有不可显示的字符，请重新填写"),
        ({"mobile": "   "}, "mobile", "请填写联系手机"),
        ({"mobile": None}, "mobile", "请填写联系手机"),
    ],
)
def test_each_fault_is_said_in_chinese_at_its_place(
    change: dict[str, Any], path: str, message: str
) -> None:
    assert faults(good(**change)) == {path: message}


def test_a_birth_in_the_future_is_refused_when_the_day_is_known() -> None:
    answers = good(people=[{"name": "测试", "id_no": "220199209912310016"}])
    assert "people.0.id_no" in faults(answers, today=date(2026, 11, 20))
    clean(FORM, answers, DATA)


def test_numbers_of_people_and_units_are_stored_in_one_form() -> None:
    people = [{"name": " 测试甲 ", "id_no": "64019919761231005x"}]
    kept = clean(FORM, good(uscc=USCC.lower(), mobile="+86 138-0013-8000", people=people), DATA)
    assert (kept["uscc"], kept["mobile"]) == (USCC, "13800138000")
    assert kept["people"] == [{"name": "测试甲", "id_no": "64019919761231005X"}]


def test_the_account_must_be_the_retirees_own() -> None:
    """JLG-028."""
    assert clean(FORM, as_person(), DATA)["bank"]["holder"] == "测试甲"
    assert faults(as_person(holder="测试乙")) == {"bank.holder": "户名须与退休人员姓名一致"}
    assert faults(as_person(), {"case": DATA["case"]}) == {
        "bank.holder": "户名须与退休人员姓名一致"
    }


def test_a_field_can_repeat_the_one_beside_it() -> None:
    clean(FORM, as_person(card_again=CARD), DATA)
    assert faults(as_person(card_again="1")) == {"bank.card_again": "再次输入账号须与银行账号一致"}


def test_a_read_only_value_is_the_servers_whatever_is_sent() -> None:
    assert clean(FORM, good(case_no="伪造"), DATA)["case_no"] == "JL202611200001"
    assert "case_no" not in clean(FORM, good(case_no="伪造"), {})


def test_a_required_fact_that_is_not_there_yet_stops_the_form() -> None:
    schema = {**SCHEMA, "required": [*SCHEMA["required"], "case_no"]}
    with pytest.raises(Invalid) as refused:
        clean(Form(schema, UI), good(case_no="伪造"), {})
    assert refused.value.errors == {"case_no": "系统中尚无“办件编号”，暂不能提交"}


def test_fields_the_form_never_asks_for_are_refused() -> None:
    answers = good(role="admin", people=[{"name": "测试甲", "id_no": ID_NO, "x": 1}])
    assert faults(answers) == {
        "role": "表单中没有“role”这一项",
        "people.0.x": "表单中没有“x”这一项",
    }
    assert list(faults(good(**{"甲\x00" * 50: 1}))) == ["甲?" * 20]


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "answers",
    [
        [],
        "text",
        None,
        {"unit": nested(50_000)},
        {"people": [{}] * 6000},
        {"remark": "长" * 300_000},
        {f"k{n}": n for n in range(6000)},
        {"months": 10**30},
        {"rate": float("nan")},
        {"rate": float("inf")},
    ],
    ids=lambda value: str(type(value)),
)
def test_what_is_too_big_too_deep_or_no_object_is_refused_at_once(answers: Any) -> None:
    with pytest.raises(Invalid, match="提交的内容"):
        clean(FORM, answers, DATA)


def test_a_browser_cannot_make_the_server_build_endless_rows() -> None:
    pairs = [(f"people.{n}.name", "测试") for n in range(3000)]
    answers = parse(FORM, posted(*pairs))
    assert len(answers["people"]) == 101
    assert faults(answers)["people"].startswith("人员最多填写")


def test_a_page_begins_with_what_the_case_knows() -> None:
    begun = prefill(FORM, DATA)
    assert begun == {"case_no": "JL202611200001", "mobile": "13800138000", "people": [{}]}


def test_a_draft_comes_back_as_it_was_saved_with_present_facts() -> None:
    draft = {"kind": "unit", "unit": "半", "case_no": "旧", "people": [{"name": "甲"}]}
    again = prefill(FORM, DATA, draft)
    assert again == {**draft, "case_no": "JL202611200001"}  # no mobile: it had been emptied


def test_a_declaration_is_never_ticked_beforehand() -> None:
    assert "promise" not in prefill(FORM, DATA)


def test_cleaning_changes_neither_answers_nor_case_data() -> None:
    answers, data = good(uscc=USCC.lower()), copy.deepcopy(DATA)
    before = copy.deepcopy(answers)
    clean(FORM, answers, data)
    assert (answers, data) == (before, DATA)


def test_conditions_that_contradict_each_other_come_to_an_end() -> None:
    appears_while_absent = {
        "if": {"required": ["a"]},
        "else": {"properties": {"a": {"type": "string", "title": "甲"}}},
    }
    schema = {"title": "矛盾", "type": "object", "allOf": [appears_while_absent]}
    assert clean(Form(schema), {"a": "x"}, {}) in ({}, {"a": "x"})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "bank", "unit", "?"]), values))
def test_any_json_is_either_cleaned_or_refused_with_places(answers: dict[str, Any]) -> None:
    for given_ in (answers, {**as_person(), **answers}):
        try:
            kept = clean(FORM, given_, DATA)
        except Invalid as refused:
            assert all(refused.errors.values()) or refused.message.startswith("提交的内容")
        else:
            assert clean(FORM, kept, DATA) == kept
            json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([name for name, _ in POSTED] + ["bank.card", "people.1.abroad"]),
            st.text(max_size=30) | st.sampled_from(["true", "unit", "person", "1", "2026-1-1"]),
        ),
        max_size=20,
    )
)
def test_anything_posted_can_be_read_shown_again_and_judged(pairs: list[tuple[str, str]]) -> None:
    answers = parse(FORM, posted(*pairs), DATA)
    try:
        clean(FORM, answers, DATA)
    except Invalid as refused:
        assert refused.errors
