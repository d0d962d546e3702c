"""Between the cells of a table and the answers of a form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import money
from engine.forms import Form, declared, parse
from engine.forms.schema import Schema

#: What parts several values in one cell.
_PARTING = re.compile(r"[、，,;；\n]+")


@dataclass(frozen=True)
class Column:
    """One field of a form as a column: its dotted path, its heading, what it may hold."""

    path: str
    title: str
    schema: Schema
    required: bool = False

    @property
    def options(self) -> Mapping[str, Any]:
        """Title → value of what can be chosen; empty when anything can be written."""
        if self.schema.get("type") == "boolean":
            return {"是": "true", "否": "false"}
        source = self.schema.get("items", {}) if self.is_list else self.schema
        chosen = {
            str(one.get("title", one["const"])): one["const"] for one in source.get("oneOf", ())
        }
        return chosen or {str(value): value for value in source.get("enum", ())}

    @property
    def is_list(self) -> bool:
        """Whether one cell holds several values."""
        return self.schema.get("type") == "array"


class Cells(dict[str, list[str]]):
    """A row as a browser would have posted it."""

    def getlist(self, key: str) -> list[str]:
        """Return all values of a name."""
        return self.get(key, [])


def columns_of(form: Form, titles: Mapping[str, str] | None = None) -> list[Column]:
    """The fields of a form as columns, in the order of the form; groups are flattened.

    Fields that are worked out or repeat are left out: a cell cannot hold them.

    Args:
        titles: own headings by path, where one field has several.
    """
    found = list(_columns(form.inlined, "", True))
    order = [str(key) for key in form.ui.get("ui:order", ())]
    place = {key: number for number, key in enumerate(order)}
    found.sort(key=lambda column: place.get(column.path.partition(".")[0], len(order)))
    named = titles or {}
    return [
        Column(one.path, named.get(one.path, one.title), one.schema, one.required) for one in found
    ]


def answers_of(
    form: Form,
    columns: list[Column],
    cells: Mapping[str, str],
    data: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The answers a row gives; what cannot be understood stays text, for the validator to say so.

    Args:
        cells: heading → text.
        data: sections for read-only fields.
    """
    posted = Cells()
    for column in columns:
        text = cells.get(column.title, "").strip()
        if text:
            posted[column.path] = _values(column, text)
    return parse(form, posted, data)


def cell_of(column: Column, value: Any) -> str:
    """A value as a cell shows it: titles instead of codes, yuan instead of fen."""
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return "、".join(cell_of(column, one) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    for title, code in column.options.items():
        if code == value:
            return title
    if isinstance(value, int) and column.schema.get("format") == "fen":
        return money.yuan(value)
    return str(value)


def _columns(schema: Schema, prefix: str, needed: bool) -> Iterator[Column]:
    required = schema.get("required", ())
    for key, field in declared(schema).items():
        path, must = f"{prefix}{key}", needed and key in required
        if field.get("type") == "object":
            yield from _columns(field, f"{path}.", must)
        elif not field.get("readOnly") and field.get("items", {}).get("type") != "object":
            yield Column(path, str(field.get("title", key)), field, must)


def _values(column: Column, text: str) -> list[str]:
    options = column.options
    if not column.is_list:
        return [str(options.get(text, text))]
    several = [one.strip() for one in _PARTING.split(text) if one.strip()]
    if options:
        return [str(options.get(one, one)) for one in several]
    return ["\n".join(several)]
