"""Forms the tests ask people to fill in."""

from typing import Any

from engine.forms import Form

ID_NO, OTHER_ID_NO = "220199196501150011", "340799197502280023"
USCC, CARD = "91220199MA0X00001W", "6222020000000000018"


def choice(*pairs: tuple[Any, str]) -> list[dict[str, Any]]:
    return [{"const": value, "title": title} for value, title in pairs]


def when(key: str, value: Any, then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": then}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "退休联办测试表",
    "description": "只用于测试。",
    "type": "object",
    "required": ["kind", "mobile", "people", "promise"],
    "$defs": {"id_no": {"type": "string", "title": "公民身份号码", "format": "cn-ric"}},
    "properties": {
        "case_no": {
            "type": "string", "title": "办件编号", "readOnly": True, "x-prefill": "case.no",
        },
        "kind": {
            "type": "string", "title": "申请人类型",
            "oneOf": choice(("unit", "单位"), ("person", "个人")),
        },
        "mobile": {
            "type": "string", "title": "联系手机", "format": "cn-mobile",
            "description": "用于接收通知", "x-prefill": "person.mobile", "x-sensitive": True,
        },
        "months": {"type": "integer", "title": "缴费月数", "minimum": 0, "maximum": 600},
        "rate": {"type": "number", "title": "比例", "maximum": 1},
        "amount": {"type": "integer", "title": "补缴金额", "format": "fen", "minimum": 100},
        "retire_date": {"type": "string", "title": "退休日期", "format": "date"},
        "items": {
            "type": "array", "title": "联办事项", "uniqueItems": True,
            "items": {
                "oneOf": choice(("pension", "养老"), ("medical", "医保"), ("fund", "公积金")),
            },
        },
        "centre": {"type": "string", "title": "办理机构", "enum": list("甲乙丙丁戊")},
        "reasons": {"type": "array", "title": "理由", "items": {"type": "string"}},
        "people": {
            "type": "array", "title": "人员", "minItems": 1, "maxItems": 3,
            "items": {
                "type": "object", "required": ["name", "id_no"],
                "properties": {
                    "name": {"type": "string", "title": "姓名", "minLength": 2, "maxLength": 40},
                    "id_no": {"$ref": "#/$defs/id_no", "x-sensitive": True},
                    "abroad": {"type": "boolean", "title": "旅居国外"},
                },
                "allOf": [
                    when("abroad", True, {
                        "properties": {"country": {"type": "string", "title": "国家"}},
                        "required": ["country"],
                    }),
                ],
            },
        },
        "remark": {"type": "string", "title": "备注", "maxLength": 20},
        "promise": {"type": "boolean", "title": "本人承诺真实有效", "const": True},
    },
    "allOf": [
        when("kind", "unit", {
            "properties": {
                "unit": {"type": "string", "title": "单位名称"},
                "uscc": {"type": "string", "title": "统一社会信用代码", "format": "cn-uscc"},
                "deputy": {"type": "boolean", "title": "有代办人"},
            },
            "required": ["unit", "uscc"],
        }),
        when("deputy", True, {
            "properties": {"deputy_name": {"type": "string", "title": "代办人姓名"}},
            "required": ["deputy_name"],
        }),
        when("kind", "person", {
            "properties": {
                "bank": {
                    "type": "object", "title": "银行账户", "required": ["holder", "card"],
                    "properties": {
                        "holder": {
                            "type": "string", "title": "户名", "x-equals": "person.name",
                            "x-errors": {"x-equals": "户名须与退休人员姓名一致"},
                        },
                        "card": {
                            "type": "string", "title": "银行账号", "format": "cn-bank-card",
                            "x-sensitive": True,
                        },
                        "card_again": {
                            "type": "string", "title": "再次输入账号", "x-equals": "card",
                        },
                    },
                },
            },
            "required": ["bank"],
        }),
    ],
    "additionalProperties": False,
}  # fmt: skip
UI: dict[str, Any] = {
    "ui:order": ["case_no", "kind", "unit", "uscc", "deputy", "deputy_name", "bank", "mobile"],
    "ui:columns": 2,
    "kind": {"ui:widget": "radio"},
    "remark": {"ui:widget": "textarea", "ui:options": {"rows": 5}},
    "mobile": {"ui:autocomplete": "tel", "ui:help": "变更后请及时告知"},
    "people": {"items": {"name": {"ui:placeholder": "与身份证一致"}}},
}
FORM = Form(SCHEMA, UI)
DATA: dict[str, dict[str, Any]] = {
    "case": {"no": "JL202611200001"},
    "person": {"name": "测试甲", "mobile": "13800138000"},
}


def good(**changes: Any) -> dict[str, Any]:
    """Answers nothing is wrong with."""
    answers: dict[str, Any] = {
        "kind": "unit", "unit": "测试机械厂", "uscc": USCC, "mobile": "13800138000",
        "people": [{"name": "测试甲", "id_no": ID_NO}], "promise": True,
    }  # fmt: skip
    return {**answers, **changes}


def as_person(**bank: Any) -> dict[str, Any]:
    """The same, applied for by the person."""
    answers = good(kind="person", bank={"holder": "测试甲", "card": CARD, **bank})
    return {key: value for key, value in answers.items() if key not in ("unit", "uscc")}
