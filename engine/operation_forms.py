"""Operations as forms: what was asked, and what a person may answer in an agency's name.

Both come from the operation's own models, so that a new agency has a desk, a printed list and a
roster without another file.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.clock import CHINA, at, office_date
from engine.commands.finish_service_call import CallResult
from engine.errors import Invalid
from engine.forms import Form
from engine.operations import Operation

Answers = Mapping[str, Any]

#: What can be said at a desk, in the words of its form.
OUTCOMES: Mapping[str, str] = {
    "SUCCESS": "办结成功",
    "FAILED": "不予办理",
    "SUPPLEMENT": "需要补正",
    "PENDING_CONDITION": "等待条件",
    "ACCEPTED": "已接收，正在办理",
}
#: Words of a JSON Schema that our forms know; pydantic writes more.
_KNOWN = frozenset(
    {"type", "title", "default", "const", "enum", "oneOf", "format", "pattern",
     "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
     "items", "minItems", "maxItems", "uniqueItems", "required", "properties", "x-sensitive"}
)  # fmt: skip
_PERSON = {
    "name": {"type": "string", "title": "姓名"},
    "id_no": {"type": "string", "title": "身份证号", "format": "cn-ric", "x-sensitive": True},
    "mobile": {"type": "string", "title": "手机号码", "format": "cn-mobile", "x-sensitive": True},
}


def request_form(operation: Operation) -> Form:
    """The request of an operation as a form to read: the person, then the parameters."""
    parameters = form_schema(operation.request)["properties"]
    return Form({"type": "object", "title": "请求内容", "properties": {**_PERSON, **parameters}})


def reply_form(operation: Operation) -> Form:
    """The form in which a person enters an agency's answer.

    On success it asks for the fields of the operation's reply model; a refusal names one of the
    operation's codes.
    """
    outcomes = {
        code: title for code, title in OUTCOMES.items() if code != "FAILED" or operation.refusals
    }
    branches = [
        _when(["SUCCESS"], {"business": _business(operation)}, ["business"]),
        _when(
            ["FAILED"],
            {
                "reason_code": _choice("不予办理的情形", operation.refusals),
                "reason": _text("原因说明"),
            },
            ["reason_code", "reason"],
        ),
        _when(["SUPPLEMENT"], {"reason": _text("需要补正的内容")}, ["reason"]),
        _when(["PENDING_CONDITION"], {"reason": _text("等待的条件")}, ["reason"]),
        _when(["ACCEPTED"], {"condition_met_on": _day("条件满足日期")}, []),
    ]
    schema = {
        "type": "object",
        "title": f"{operation.title}：登记部门答复",
        "properties": {
            "outcome": _choice("办理结果", outcomes),
            "handled_by": {"type": "string", "title": "部门经办人", "maxLength": 60},
            "handled_on": _day("办理日期"),
        },
        "required": ["outcome", "handled_by"],
        "allOf": branches if operation.refusals else [branches[0], *branches[2:]],
    }
    order = [key for key in _ORDER if key != "reason_code" or operation.refusals]
    look = {"ui:order": order, "business": _business_look(operation)}
    return Form(schema, {**_LOOK, **look})


def reply_of(
    operation: Operation, request_id: object, answers: Answers, now: datetime
) -> tuple[dict[str, Any], CallResult]:
    """What the cleaned answers of ``reply_form`` say.

    Returns:
        The reply in the envelope every agency uses, to be kept as it came; and as a result.

    Raises:
        Invalid: a day in the future, or a business block the reply model does not take.
    """
    days = {name: _moment(answers, name, now) for name in ("handled_on", "condition_met_on")}
    status = answers["outcome"]
    business = _read_business(operation, answers.get("business", {}), now)
    result = CallResult(
        status=status,
        business=business,
        reason_code=answers.get("reason_code"),
        reason=answers.get("reason", ""),
        handled_by=answers["handled_by"],
        handled_at=days["handled_on"],
        condition_met_at=days["condition_met_on"],
    )
    envelope = {
        "request_id": str(request_id),
        "status": status,
        "reason_code": result.reason_code,
        "reason_text": result.reason,
        "handled_by": result.handled_by,
        "handled_at": _iso(result.handled_at),
        "condition_met_at": _iso(result.condition_met_at),
        "business": business,
    }
    return envelope, result


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON Schema in the words of our forms; an instant is asked for as a day."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    found: dict[str, Any] = _plain(schema, definitions)
    return found


def _plain(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        schema = {**definitions[schema["$ref"].rsplit("/", 1)[1]], **schema}
    if "anyOf" in schema:  # ``X | None``: a field that may be left out
        some = next(one for one in schema["anyOf"] if one.get("type") != "null")
        schema = {**some, **schema}
    plain = {key: value for key, value in schema.items() if key in _KNOWN}
    if plain.get("default", ...) in (None, ""):
        del plain["default"]
    if "oneOf" in plain:
        plain.pop("enum", None)
    if schema.get("format") == "date-time":
        plain["format"] = "date"
    if "properties" in plain:
        plain["properties"] = {
            key: _plain(field, definitions) for key, field in plain["properties"].items()
        }
    if "items" in plain:
        plain["items"] = _plain(plain["items"], definitions)
    return plain


def _business(operation: Operation) -> dict[str, Any]:
    return {**form_schema(operation.reply), "title": "办理结果信息"}


def _business_look(operation: Operation) -> dict[str, Any]:
    fields = form_schema(operation.reply)["properties"]
    yes_or_no = [key for key, field in fields.items() if field.get("type") == "boolean"]
    return {"ui:columns": 2, **{key: {"ui:widget": "radio"} for key in yes_or_no}}


_ORDER = (
    "outcome",
    "business",
    "reason_code",
    "reason",
    "condition_met_on",
    "handled_by",
    "handled_on",
)
_LOOK: dict[str, Any] = {
    "outcome": {"ui:widget": "radio"},
    "reason": {"ui:widget": "textarea"},
    "handled_on": {"ui:help": "不填即为今天"},
    "condition_met_on": {"ui:help": "此前等待条件的，填写后时限自这一天起算；否则不填"},
}


def _when(
    outcomes: list[str], properties: Mapping[str, Any], required: list[str]
) -> dict[str, Any]:
    condition = {"properties": {"outcome": {"enum": outcomes}}, "required": ["outcome"]}
    return {"if": condition, "then": {"properties": properties, "required": required}}


def _choice(title: str, options: Mapping[str, str]) -> dict[str, Any]:
    one_of = [{"const": code, "title": words} for code, words in options.items()]
    return {"type": "string", "title": title, "oneOf": one_of}


def _text(title: str) -> dict[str, Any]:
    return {"type": "string", "title": title, "minLength": 2, "maxLength": 400}


def _day(title: str) -> dict[str, Any]:
    return {"type": "string", "title": title, "format": "date"}


def _moment(answers: Answers, name: str, now: datetime) -> datetime | None:
    """The instant a day stands for: this very moment for today, else its beginning."""
    if name not in answers:
        return None
    day, today = date.fromisoformat(answers[name]), office_date(now)
    if day > today:
        raise Invalid(errors={name: "日期不能晚于今天"})
    return now if day == today else at(day)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(CHINA).isoformat() if moment else None


def _read_business(operation: Operation, block: Answers, now: datetime) -> dict[str, Any]:
    if not block:
        return {}
    fields = operation.reply.model_json_schema()["properties"]
    instants = [key for key in block if fields[key].get("format") == "date-time"]
    try:
        moments = {key: _iso(_moment(block, key, now)) for key in instants}
        model = operation.reply.model_validate_json(json.dumps({**block, **moments}))
    except Invalid as error:
        raise Invalid(errors=_inside(error.errors)) from None
    except ValidationError as error:
        places = [".".join(map(str, mistake["loc"])) for mistake in error.errors()]
        raise Invalid(errors=_inside(dict.fromkeys(places, "填写有误，请核对"))) from None
    return model.model_dump(mode="json")


def _inside(errors: Mapping[str, str]) -> dict[str, str]:
    return {f"business.{key}": message for key, message in errors.items()}
