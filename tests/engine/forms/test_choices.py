"""Choices that are offered for a time only."""

from datetime import date

import pytest

from engine.errors import Invalid
from engine.forms import Form, check_schema, clean, layout

ENDED = "2025 年起改为申领病残津贴。"
FORM = Form(
    {
        "title": "退休",
        "type": "object",
        "properties": {
            "kind": {
                "type": "string",
                "title": "类型",
                "description": "按实际选择。",
                "oneOf": [
                    {"const": "normal", "title": "正常"},
                    {
                        "const": "illness",
                        "title": "因病",
                        "x-until": "2024-12-31",
                        "x-ended": ENDED,
                    },
                    {"const": "flexible", "title": "弹性", "x-from": "2025-01-01"},
                ],
            }
        },
        "required": ["kind"],
    }
)


def offered(day: date) -> list[str]:
    return [option.value for option in layout(FORM.on(day), {})[0].options]


def test_what_is_offered_depends_on_the_day() -> None:
    assert offered(date(2024, 12, 31)) == ["normal", "illness"]
    assert offered(date(2025, 1, 1)) == ["normal", "flexible"]


def test_what_to_do_instead_is_said_only_when_it_ended() -> None:
    before, after = FORM.on(date(2024, 12, 31)), FORM.on(date(2025, 1, 1))
    assert layout(before, {})[0].schema["description"] == "按实际选择。"
    assert layout(after, {})[0].schema["description"] == f"按实际选择。{ENDED}"


def test_choosing_it_all_the_same_is_answered_with_what_to_do_instead() -> None:
    assert clean(FORM, {"kind": "illness"}, {}, date(2024, 12, 31)) == {"kind": "illness"}
    with pytest.raises(Invalid) as refused:
        clean(FORM, {"kind": "illness"}, {}, date(2025, 1, 1))
    assert refused.value.errors == {"kind": ENDED}


def test_what_was_chosen_in_time_is_read_for_ever() -> None:
    assert layout(FORM, {"kind": "illness"})[0].text == "因病"
    locked = Form({**FORM.schema, "properties": {"kind": {**_kind(), "readOnly": True}}})
    assert layout(locked.on(date(2026, 1, 1)), {"kind": "illness"})[0].text == "因病"


def test_a_form_without_such_choices_stays_itself() -> None:
    plain = Form({"title": "无", "type": "object", "properties": {}})
    assert plain.on(date(2026, 1, 1)) is plain


def test_slips_of_the_author_are_found() -> None:
    slips = [
        {"const": "a", "title": "甲", "x-until": "2024-13-01"},
        {"const": "b", "title": "乙", "x-ended": "改办别的"},
    ]
    field = {"type": "string", "title": "类型", "oneOf": slips}
    schema = {"title": "表", "type": "object", "properties": {"kind": field}}
    assert check_schema(schema, {}) == [
        ("/properties/kind/oneOf/0/x-until", "x-until 应为日期，如 2024-12-31"),
        ("/properties/kind/oneOf/1/x-ended", "x-ended 须与 x-until 同时写明"),
    ]


def _kind() -> dict[str, object]:
    return dict(FORM.schema["properties"]["kind"])
