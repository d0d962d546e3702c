"""Mistakes of a form's author, found before a release: all of them, each with its place."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator

from engine.errors import Invalid
from engine.forms.answers import ROW_KEY
from engine.forms.choices import ENDED, FROM, UNTIL
from engine.forms.formats import FORMATS
from engine.forms.patterns import pattern_fault
from engine.forms.rules import rule_faults
from engine.forms.schema import Form, Schema, declared, inline

Finding = tuple[str, str]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: Groups inside groups: more than this nobody can fill in.
DEEPEST_GROUP = 4
_DEEPEST_NODE = 40
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_REFERENCE = re.compile(r"([a-z][a-z0-9_]*\.)*[a-z][a-z0-9_]*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object"})
_OWN_WORDS = frozenset(
    {"x-prefill", "x-equals", "x-rows", "x-options", "x-sensitive", "x-errors", "x-clauses"}
    | {"x-rule", "x-bulk", FROM, UNTIL, ENDED}
)
_REFUSED_WORDS = frozenset(
    {"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "patternProperties",
     "prefixItems", "contentMediaType", "contentEncoding", "contentSchema"}
)  # fmt: skip
_WIDGETS = frozenset({"textarea", "radio", "select", "table"})
_UI_OF_FORM = frozenset({"ui:order", "ui:columns", "ui:note"})
_UI_OF_FIELD = _UI_OF_FORM | {
    "ui:widget", "ui:help", "ui:placeholder", "ui:autocomplete", "ui:autofocus", "ui:options",
    "ui:wide", "ui:hidden", "x-refresh", "items",
}  # fmt: skip


def check_schema(schema: object, ui: object) -> list[Finding]:
    """Return every mistake of a form as (JSON pointer, message in Chinese).

    Pointers begin with ``/`` within the schema and with ``ui:/`` within the ui schema; those
    inside a definition that is referred to point to where it is used.

    Args:
        schema: parsed ``<key>.schema.json``.
        ui: parsed ``<key>.ui.json``.
    """
    if not isinstance(schema, Mapping):
        return [("/", "表单定义应为一个 JSON 对象")]
    if _deeper_than(schema, _DEEPEST_NODE) or _deeper_than(ui, _DEEPEST_NODE):
        return [("/", f"表单定义的层次超过 {_DEEPEST_NODE} 层")]
    found = list(_standard(schema))
    if found:
        return found
    found = list(_words(schema, ""))
    try:
        inlined = inline(schema)
    except Invalid as error:
        return [*found, ("/", error.message)]
    if inlined.get("type") != "object":
        return [*found, ("/type", "表单的 type 应为 object")]
    found += _title(inlined, "")
    found += _group(inlined, "", 1)
    found += _layout(inlined, ui, "ui:")
    found += _rules(inlined, ui)
    found += _bulk(inlined)
    return list(dict.fromkeys(found))


def _standard(schema: Schema) -> Iterator[Finding]:
    """JSON Schema 2020-12 itself."""
    if schema.get("$schema", DRAFT) != DRAFT:
        yield "/$schema", f"$schema 应为 {DRAFT}"
    standard = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for error in standard.iter_errors(schema):
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        yield pointer or "/", "不符合 JSON Schema 2020-12：此处的写法有误"


def _words(node: Any, pointer: str) -> Iterator[Finding]:
    """Keywords that are refused wherever they stand. ``properties`` holds names, not keywords."""
    if isinstance(node, list):
        for number, child in enumerate(node):
            yield from _words(child, f"{pointer}/{number}")
    if not isinstance(node, Mapping):
        return
    for word, value in node.items():
        place = f"{pointer}/{word}"
        if word in ("x-rule", "x-bulk") and pointer:
            yield place, f"{word} 只能写在整个表单上，不能写在字段里"
        if word in ("const", "default", "enum", "examples"):
            continue
        if word in ("properties", "$defs", "dependentSchemas") and isinstance(value, Mapping):
            for name, child in value.items():
                yield from _words(child, f"{place}/{name}")
            continue
        yield from _word(word, value, place)
        if not word.startswith("x-"):
            yield from _words(value, place)


def _word(word: str, value: Any, place: str) -> Iterator[Finding]:
    if word == "$ref" and not str(value).startswith("#/$defs/"):
        yield place, "只能引用本文件 $defs 中的定义，不能引用其他文件或网址"
    elif word in _REFUSED_WORDS:
        yield place, f"表单中不能使用 {word}"
    elif word in ("additionalProperties", "unevaluatedProperties") and value is not False:
        yield place, "未声明的字段一律拒绝，请删去此项"
    elif word == "pattern" and (fault := pattern_fault(value)):
        yield place, fault
    elif word == "format" and str(value) not in FORMATS:  # whatever JSON it is
        yield place, f"不支持的格式“{value}”，可用：{'、'.join(sorted(FORMATS))}"
    elif word.startswith("x-") and word not in _OWN_WORDS:
        yield place, f"不认识的扩展“{word}”，可用：{'、'.join(sorted(_OWN_WORDS))}"
    elif word in ("x-prefill", "x-equals", "x-rows") and not _REFERENCE.fullmatch(str(value)):
        yield place, f"{word} 应写作“数据段.字段”"
    elif word == "x-errors" and not _is_messages(value):
        yield place, "x-errors 应写作 {关键字: 中文提示}"
    elif word == "x-clauses" and not _is_ids(value):
        yield place, 'x-clauses 应写作条款编号的列表，例如 ["JL-001"]'
    elif word in ("x-prefill", "x-rows") and "." not in str(value):
        yield place, f"{word} 应写作“数据段.字段”"


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_messages(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def _title(schema: Schema, pointer: str) -> Iterator[Finding]:
    if not _CHINESE.search(str(schema.get("title", ""))):
        yield f"{pointer}/title", "缺少中文标题（title）"


def _group(schema: Schema, pointer: str, depth: int, given: bool = False) -> Iterator[Finding]:
    """An object: its fields in all branches, and its conditions.

    ``given``: it is a row of a list with ``x-rows``, whose read-only cells the fact fills in.
    """
    if depth > DEEPEST_GROUP:
        yield pointer, f"分组嵌套超过 {DEEPEST_GROUP} 层"
        return
    fields = declared(schema)
    if not fields:
        yield f"{pointer}/properties", "没有任何字段"
    for key, field in fields.items():
        place = f"{pointer}/properties/{key}"
        if not _KEY.fullmatch(key):
            yield place, "字段名须以小写字母开头，只含小写字母、数字和下划线，不超过 40 个字符"
        yield from _title(field, place)
        yield from _field(field, place, depth, given)
        beside = field.get("x-equals")
        if isinstance(beside, str) and "." not in beside and beside not in fields:
            yield f"{place}/x-equals", f"同一组中没有字段“{beside}”"
    yield from _branches(schema, frozenset(fields), pointer)


def _field(field: Schema, place: str, depth: int, given: bool) -> Iterator[Finding]:
    type_ = field.get("type")
    if not isinstance(type_, str) or type_ not in _TYPES:
        yield f"{place}/type", f"字段的 type 应为其中之一：{'、'.join(sorted(_TYPES))}"
        return
    if field.get("readOnly") and not given and not {"x-prefill", "const", "default"} & set(field):
        yield f"{place}/readOnly", "只读字段须用 x-prefill、const 或 default 说明值从何来"
    if (field.get("format") == "fen") and type_ != "integer":
        yield f"{place}/format", "金额（fen）的 type 应为 integer，单位为分"
    if (field.get("format") == "file") and type_ != "string":
        yield (
            f"{place}/format",
            "附件（file）的 type 应为 string；可传多个的写在 items 中",
        )
    if "x-rows" in field:
        key = declared(field.get("items", {})).get(ROW_KEY)
        if key is None:
            yield f"{place}/x-rows", f"x-rows 的每一行须有字段“{ROW_KEY}”，并且整个字段是列表"
        elif not key.get("readOnly"):  # nobody on a page could say it
            yield f"{place}/x-rows", f"x-rows 各行的字段“{ROW_KEY}”须为只读（readOnly）"
    if type_ == "object":
        yield from _group(field, place, depth + 1)
    elif type_ == "array":
        yield from _array(field, place, depth)
    else:
        yield from _options(field, place)


def _array(field: Schema, place: str, depth: int) -> Iterator[Finding]:
    items = field.get("items")
    if not isinstance(items, Mapping):
        yield f"{place}/items", "列表须用 items 说明每一项"
    elif items.get("type") == "object":
        yield from _group(items, f"{place}/items", depth + 1, "x-rows" in field)
    elif "oneOf" in items or "enum" in items:
        yield from _options(items, f"{place}/items")
    elif items.get("type") != "string":
        yield f"{place}/items", "列表的每一项应为一组字段（object）、选项（oneOf）或文字（string）"


def _options(field: Schema, place: str) -> Iterator[Finding]:
    for number, option in enumerate(field.get("oneOf", ())):
        at = f"{place}/oneOf/{number}"
        if not isinstance(option, Mapping) or "const" not in option:
            yield at, "选项须写 const（值）和 title（名称）"
        else:
            yield from _title(option, at)
            yield from _times(option, at)


def _times(option: Schema, place: str) -> Iterator[Finding]:
    for word in (FROM, UNTIL):
        if word in option and not _is_date(option[word]):
            yield f"{place}/{word}", f"{word} 应为日期，如 2024-12-31"
    if ENDED in option and UNTIL not in option:
        yield f"{place}/{ENDED}", f"{ENDED} 须与 {UNTIL} 同时写明"


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _branches(schema: Schema, known: frozenset[str], pointer: str) -> Iterator[Finding]:
    """Conditions look at fields that exist, and do not hold by accident."""
    for key in schema.get("required", ()):
        if key not in known:
            yield f"{pointer}/required", f"必填字段“{key}”没有声明"
    condition = schema.get("if")
    if isinstance(condition, Mapping):
        for key in condition.get("properties", {}):
            at = f"{pointer}/if/properties/{key}"
            if key not in known:
                yield at, f"条件中的字段“{key}”没有声明"
            elif key not in condition.get("required", ()):
                yield at, f'条件还须写 required: ["{key}"]，否则未填写时条件也成立'
        if not {"then", "else"} & set(schema):
            yield f"{pointer}/if", "条件没有 then 也没有 else"
    nested = [(f"allOf/{n}", branch) for n, branch in enumerate(schema.get("allOf", ()))]
    nested += [(word, schema.get(word)) for word in ("then", "else")]
    nested += [(f"dependentSchemas/{k}", v) for k, v in schema.get("dependentSchemas", {}).items()]
    for word, branch in nested:
        if isinstance(branch, Mapping):
            yield from _branches(branch, known, f"{pointer}/{word}")


def _layout(schema: Schema, ui: object, pointer: str) -> Iterator[Finding]:
    """The ui schema names fields that exist, and words that mean something."""
    if not isinstance(ui, Mapping):
        yield f"{pointer}/", "界面定义应为一个 JSON 对象"
        return
    fields = declared(schema)
    order = ui.get("ui:order", [])
    if not isinstance(order, list):
        yield f"{pointer}/ui:order", "ui:order 应为字段名的列表"
    for key in order if isinstance(order, list) else ():
        if str(key) not in fields:
            yield f"{pointer}/ui:order", f"ui:order 中的字段“{key}”没有声明"
    if ui.get("ui:columns", 1) not in (1, 2):
        yield f"{pointer}/ui:columns", "ui:columns 应为 1 或 2"
    for key, value in ui.items():
        place = f"{pointer}/{key}"
        if key in fields:
            yield from _field_layout(fields[key], value, place)
        elif key not in _UI_OF_FIELD and (pointer, key) != ("ui:", "ui:advice"):
            yield place, f"“{key}”既不是字段名，也不是可用的界面设置"


def _field_layout(field: Schema, ui: object, place: str) -> Iterator[Finding]:
    if not isinstance(ui, Mapping):
        yield place, "界面定义应为一个 JSON 对象"
        return
    if ui.get("ui:widget") == "money":
        yield f"{place}/ui:widget", '金额请在表单定义中写 "format": "fen"（以分存储，按元填写）'
    elif str(ui.get("ui:widget", "radio")) not in _WIDGETS:
        yield f"{place}/ui:widget", f"不认识的控件，可用：{'、'.join(sorted(_WIDGETS))}"
    if field.get("type") == "object":
        yield from _layout(field, ui, place)
        return
    for word in ui:
        if word not in _UI_OF_FIELD:
            yield f"{place}/{word}", f"不认识的界面设置“{word}”"
    items = field.get("items")
    if "items" in ui and isinstance(items, Mapping) and items.get("type") == "object":
        yield from _layout(items, ui["items"], f"{place}/items")


def _rules(schema: Schema, ui: object) -> Iterator[Finding]:
    """The mappings of ``x-rule`` and ``ui:advice``, which belong to the form as a whole."""
    for holder, word, place in ((schema, "x-rule", "/x-rule"), (ui, "ui:advice", "ui:/ui:advice")):
        if isinstance(holder, Mapping) and word in holder:
            yield from ((place, fault) for fault in rule_faults(holder[word], schema))


def _bulk(schema: Schema) -> Iterator[Finding]:
    """What cannot be said of many people at once."""
    if "x-bulk" not in schema:
        return
    if schema["x-bulk"] is not True:
        yield "/x-bulk", "x-bulk 只能写 true；不能批量办理的表单不写"
    for key, field in declared(schema).items():
        title = field.get("title", key)
        if Form({"type": "object", "properties": {key: field}}).takes_files:
            yield "/x-bulk", f"批量办理的表单不能要求附件（“{title}”）"
        elif not field.get("readOnly") and {"x-prefill", "x-rows", "x-equals"} & set(field):
            yield "/x-bulk", f"“{title}”因人而异，这样的表单不能批量办理"


def _deeper_than(node: object, depth: int) -> bool:
    level = [node]
    for _ in range(depth):
        level = [
            child
            for node in level
            for child in (
                node.values()
                if isinstance(node, Mapping)
                else node
                if isinstance(node, list)
                else ()
            )
        ]
        if not level:
            return False
    return True
