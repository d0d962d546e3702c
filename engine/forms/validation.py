"""Whether answers are good: the one validator, and its findings in the words of an office."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from engine import money
from engine.errors import Invalid
from engine.forms.formats import format_checker
from engine.forms.layout import MOST_ROWS, Field, layout, walk
from engine.forms.schema import Data, Form, fact

#: Longest text of a field whose schema names no ``maxLength``.
LONGEST_TEXT = 4000
_TYPES = {
    "integer": "整数",
    "number": "数字",
    "string": "文字",
    "boolean": "“是”或“否”",
    "array": "列表",
    "object": "一组内容",
}
#: ``{t}`` is the field's title, ``{v}`` the bound the schema names.
_MESSAGES = {
    "minLength": "{t}不能少于 {v} 个字",
    "maxLength": "{t}不能超过 {v} 个字",
    "pattern": "{t}格式不正确",
    "enum": "请从所列选项中选择{t}",
    "oneOf": "请从所列选项中选择{t}",
    "minimum": "{t}不能小于 {v}",
    "maximum": "{t}不能大于 {v}",
    "exclusiveMinimum": "{t}须大于 {v}",
    "exclusiveMaximum": "{t}须小于 {v}",
    "multipleOf": "{t}须为 {v} 的倍数",
    "minItems": "{t}至少填写 {v} 项",
    "maxItems": "{t}最多填写 {v} 项",
    "uniqueItems": "{t}中有重复的内容",
}
_FILE_MESSAGES = {"minItems": "{t}至少上传 {v} 个文件", "maxItems": "{t}最多上传 {v} 个文件"}
_FORM = ""


def validate(
    form: Form,
    answers: Mapping[str, Any],
    data: Data,
    today: date | None = None,
    attachments: Collection[str] = (),
) -> dict[str, str]:
    """Check answers and return messages by dotted path, in the order of the fields.

    Args:
        form: the form.
        answers: settled answers, see :func:`engine.forms.clean`.
        data: sections of the case, for ``x-equals``.
        today: office date; None leaves births in the future alone.
        attachments: ids of the files the answers may refer to.

    Returns:
        Empty if everything is good. A finding about no field in particular has the path ``""``.
    """
    fields = {field.path: field for field in walk(layout(form, answers))}
    found: dict[str, str] = {}
    for field in fields.values():
        _note(found, field.path, _plain_fault(field))
    validator = Draft202012Validator(form.inlined, format_checker=format_checker(today))
    for error in validator.iter_errors(dict(answers)):
        for path, message in _findings(error, fields):
            _note(found, path, message)
    for field in fields.values():
        _note(found, field.path, _difference(field, fields, data))
        if any(one not in attachments for one in field.file_ids):
            _note(found, field.path, f"{field.title}不存在或不属于本办件，请重新上传")
    places = {path: place for place, path in enumerate(fields, start=1)}
    return {path: found[path] for path in sorted(found, key=lambda path: places.get(path, 0))}


def _note(found: dict[str, str], path: str, message: str | None) -> None:
    """Keep the first finding about a field: the others often follow from it."""
    if message is not None:
        found.setdefault(path, message)


def _plain_fault(field: Field) -> str | None:
    """What no schema needs to say: nothing unprintable, nothing endless."""
    if isinstance(field.value, list):
        texts = [item for item in field.value if isinstance(item, str)]
        if len(field.value) > MOST_ROWS:
            return f"{field.title}最多填写 {MOST_ROWS} 项"
    else:
        texts = [field.value] if isinstance(field.value, str) else []
    for text in texts:
        if len(text) > field.schema.get("maxLength", LONGEST_TEXT):
            longest = field.schema.get("maxLength", LONGEST_TEXT)
            return _own(field, "maxLength") or f"{field.title}不能超过 {longest} 个字"
        if unprintable(text):
            return f"{field.title}中含有不可显示的字符，请重新填写"
    return None


def unprintable(text: str) -> bool:
    """Whether a text holds what no page can show: control characters, halves, noncharacters."""
    return any(
        (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t")
        or ord(c) & 0xFFFE == 0xFFFE
        or 0xFDD0 <= ord(c) <= 0xFDEF
        for c in text
    )


def _findings(error: ValidationError, fields: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    """Put one finding of the validator into words, at the field it is about."""
    path = ".".join(map(str, error.absolute_path))
    if error.validator in ("required", "dependentRequired"):
        for key in _missing(error):
            place = f"{path}.{key}" if path else key
            yield place, _missing_message(fields[place]) if place in fields else f"请填写{key}"
        return
    while path and path not in fields:  # an option inside a list of check boxes
        path = path.rpartition(".")[0]
    if path in fields:
        yield path, _message(error, fields[path])
    else:
        own = error.schema.get("x-errors", {}) if isinstance(error.schema, Mapping) else {}
        yield _FORM, own.get(error.validator, "填写的内容不符合要求，请核对")


def _missing(error: ValidationError) -> list[str]:
    given: Any = error.instance
    wanted: Any = error.validator_value
    if isinstance(wanted, Mapping):
        wanted = [key for name, keys in wanted.items() if name in given for key in keys]
    return [key for key in wanted if key not in given]


def _missing_message(field: Field) -> str:
    if own := _own(field, "required"):
        return own
    match field.kind:
        case "fact":
            return f"系统中尚无“{field.title}”，暂不能提交"
        case "tick":
            return f"须勾选“{field.title}”"
        case "select" | "radio" | "checkboxes":
            return f"请选择{field.title}"
        case "file" | "files":
            return f"请上传{field.title}"
    return f"请填写{field.title}"


def _message(error: ValidationError, field: Field) -> str:
    keyword, bound = str(error.validator), error.validator_value
    own = _own(field, keyword)
    if own:
        return own
    title = field.title
    if keyword == "format":
        cause = error.cause.message if isinstance(error.cause, Invalid) else "格式不正确"
        return f"{title}{cause}" if cause.startswith(("应为", "格式")) else cause
    if keyword == "const":
        return f"须勾选“{title}”" if bound is True else f"{title}不符合要求"
    if keyword == "type":
        if field.kind == "money":
            return f"{title}应为金额（元），最多两位小数"
        return f"{title}应为{_TYPES.get(str(bound), '其他类型')}"
    if field.kind == "money" and isinstance(bound, int):
        bound = f"{money.yuan(bound)} 元"
    words = _FILE_MESSAGES.get(keyword) if field.is_file else None
    return (words or _MESSAGES.get(keyword, "{t}填写有误")).format(t=title, v=bound)


def _difference(field: Field, fields: Mapping[str, Field], data: Data) -> str | None:
    """``x-equals``: the same as a fact of the case, or as a field beside it (JLG-028)."""
    reference = field.schema.get("x-equals")
    if not isinstance(reference, str) or field.value is None:
        return None
    if "." in reference:
        expected, other = fact(data, reference), "系统中登记的信息"
    else:
        beside = fields.get(f"{field.path.rpartition('.')[0]}.{reference}".lstrip("."))
        expected, other = (beside.value, beside.title) if beside else (None, reference)
    if field.value == expected:
        return None
    return _own(field, "x-equals") or f"{field.title}须与{other}一致"


def _own(field: Field, keyword: str) -> str | None:
    """The form's own message for a keyword."""
    message = field.schema.get("x-errors", {}).get(keyword)
    return message if isinstance(message, str) else None
