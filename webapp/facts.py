"""What a case knows, as tables people can read: Chinese titles, words for codes, masked numbers.

The titles come from where the data came from: the form that was filled in, or the reply model of
the operation that answered.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.clock import CHINA
from engine.errors import NotFound
from engine.forms import Field, Form, declared, layout
from engine.operations import OperationRegister
from engine.packs.diagram import Node
from engine.packs.pack import Pack

Sections = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class FactTable:
    """One section of case data: its name, what it is called, and its fields that have a value."""

    section: str
    title: str
    fields: tuple[Field, ...]


#: Sections every case has, and what every agency's answer holds besides its business.
_PERSON = Form(
    {
        "title": "退休人员",
        "type": "object",
        "properties": {
            "name": {"type": "string", "title": "姓名"},
            "id_no": {
                "type": "string", "title": "身份证号", "format": "cn-ric", "x-sensitive": True,
            },
            "mobile": {
                "type": "string", "title": "手机号码", "format": "cn-mobile", "x-sensitive": True,
            },
        },
    },
    {},
)  # fmt: skip
_APPLICANT = Form(
    {
        "title": "申请人",
        "type": "object",
        "properties": {
            "type": {
                "type": "string",
                "title": "申请方式",
                "oneOf": [
                    {"const": "unit", "title": "单位申请"},
                    {"const": "person", "title": "个人申请"},
                ],
            },
            "name": {"type": "string", "title": "申请人"},
            "uscc": {"type": "string", "title": "统一社会信用代码"},
            "operator": {"type": "string", "title": "经办人"},
        },
    },
    {},
)
_ANSWER = {
    "status": {
        "type": "string",
        "title": "办理结果",
        "oneOf": [
            {"const": "SUCCESS", "title": "办结"},
            {"const": "FAILED", "title": "未办理"},
        ],
    },
    "reason": {"type": "string", "title": "原因说明"},
    "handled_by": {"type": "string", "title": "经办人"},
    "handled_at": {"type": "string", "title": "办理时间"},
}


def fact_tables(pack: Pack, operations: OperationRegister, sections: Sections) -> list[FactTable]:
    """Every section that somebody may want to read, in the order in which a case fills them.

    Args:
        pack: of the release the case began with.
        sections: the case's data.
    """
    forms = _forms(pack, operations)
    tables = []
    for name in sorted(sections, key=lambda one: _place(one, forms)):
        form = forms.get(name) or forms.get(f"this.{name.rpartition('.')[2]}")
        if form is None:
            continue
        fields = tuple(_given(layout(form, _readable(sections[name]))))
        if fields:
            tables.append(FactTable(name, _title(name, form, pack), fields))
    return tables


def asked_table(form: Form, content: Mapping[str, Any], in_full: bool) -> FactTable:
    """What an agency was asked; ``in_full`` shows the numbers of people and cards unmasked."""
    fields = _given(layout(form, _readable(content)))
    if in_full:
        fields = (replace(one, schema={**one.schema, "x-sensitive": False}) for one in fields)
    return FactTable("asked", form.title, tuple(fields))


def field_texts(
    pack: Pack, operations: OperationRegister, sections: Sections
) -> Callable[[str, str], tuple[str, str]]:
    """What a field of the case is called and what it says, masked as everywhere.

    Args:
        pack: of the release the case began with.
        sections: the case's data.

    Returns:
        A look-up of (section, field) → (title, text).
    """
    forms = _forms(pack, operations)

    def look_up(section: str, name: str) -> tuple[str, str]:
        form = forms.get(section) or forms.get(f"this.{section.rpartition('.')[2]}")
        value = (sections.get(section) or {}).get(name)
        declared_fields = declared(form.inlined) if form else {}
        title = str(declared_fields.get(name, {}).get("title", name))
        if form is None or name not in declared_fields or value in (None, "", [], {}):
            return title, "（没有）" if value in (None, "", [], {}) else "（不显示）"
        one = Form({"type": "object", "properties": {name: declared_fields[name]}}, {})
        shown = layout(one, _readable({name: value}))
        return title, shown[0].text

    return look_up


def _forms(pack: Pack, operations: OperationRegister) -> dict[str, Form]:
    """Section name → the form its content is read with."""
    config = pack.config
    forms = {"person": _PERSON, "applicant": _APPLICANT}
    for name, rule in config.sections.items():
        forms[name] = _in_words(pack.form(rule.schema_file.removesuffix(".schema.json")))
    for process, start in config.processes.items():
        if "public" in start.entries:  # about nobody on record: the form says it all
            forms[start.start_form] = pack.form(start.start_form)
        for called in pack.called_from(process):
            for node in pack.processes[called].nodes.values():
                section = node.properties.get("section")
                if section and section not in forms:
                    form = _form_of(node, pack, operations)
                    if form:
                        forms[section] = form
    return forms


def _form_of(node: Node, pack: Pack, operations: OperationRegister) -> Form | None:
    key = node.properties.get("formJsonSchemaFilename")
    try:
        if key:
            return pack.form(key.removesuffix(".schema.json"))
        if node.operation is None:
            return None
        schema = operations.get(node.operation).reply.model_json_schema()
    except NotFound:  # an agency taken out since the case began: its answers stay, untitled
        return None
    properties = {**schema.get("properties", {}), **_ANSWER}
    return Form({**schema, "title": node.name, "properties": properties}, {})


def _in_words(form: Form) -> Form:
    """The same form with the words of an agency's answer where it keeps one."""
    properties = form.schema.get("properties", {})
    words = {key: field for key, field in _ANSWER.items() if key in properties}
    return Form({**form.schema, "properties": {**properties, **words}}, form.ui)


def _place(name: str, forms: Mapping[str, Form]) -> tuple[int, str]:
    order = list(forms)
    key = name if name in forms else f"this.{name.rpartition('.')[2]}"
    return (order.index(key) if key in forms else len(order), name)


def _title(name: str, form: Form, pack: Pack) -> str:
    title = str(form.schema.get("title", name))
    item, dot, _ = name.rpartition(".")
    kind = pack.config.items.get(item) if dot else None
    return f"{kind.title}：{title}" if kind else title


def _given(fields: tuple[Field, ...]) -> Iterator[Field]:
    """The fields with something in them, each locked so that it prints as a fact."""
    for field in fields:
        if field.schema.get("readOnly") and field.source:
            continue  # a copy of what another table says
        if field.fields:
            yield from _given(field.fields)
        elif field.rows:
            yield replace(field, rows=tuple(_told(row) for row in field.rows))
        elif field.value not in (None, "", [], {}):
            yield replace(field, kind="fact")


def _told(row: tuple[Field, ...]) -> tuple[Field, ...]:
    """What a row says to people: no codes, nothing that was left out."""
    return tuple(
        replace(cell, kind="fact")
        for cell in row
        if not cell.ui.get("ui:hidden") and cell.value not in (None, "", [], {})
    )


def _readable(content: Mapping[str, Any]) -> dict[str, Any]:
    """Instants as an office writes them; everything else as it is."""
    return {key: _wall_clock(value) for key, value in content.items()}


def _wall_clock(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 16 and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        except ValueError:
            return value
    return value
