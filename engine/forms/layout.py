"""The fields of a form for given answers, in the order in which they are shown.

Pages, prints, error messages and the order of errors all come from this one list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from engine import money
from engine.forms.rules import looked_at
from engine.forms.schema import Form, Schema, deciding, effective
from engine.identity import mask_card, mask_id_no, mask_mobile

Kind = Literal[
    "text", "textarea", "number", "money", "date", "select", "radio", "checkboxes", "tick",
    "lines", "fact", "group", "rows", "file", "files",
]  # fmt: skip

#: From this many options a list is shorter than radio buttons.
MOST_RADIOS = 4
_MASKS = {"cn-ric": mask_id_no, "cn-mobile": mask_mobile, "cn-bank-card": mask_card}


class Option(NamedTuple):
    """One thing to choose."""

    value: Any
    title: str


@dataclass(frozen=True)
class Field:
    """One field, group of fields or repeating group, with its answer.

    ``path`` is dotted and names the input, the error and the place to jump to. ``fields`` are
    those of a group; ``rows`` those of each row of a repeating group. ``refreshes``: its answer
    decides which other fields are shown.
    """

    path: str
    schema: Schema
    ui: Schema
    kind: Kind
    required: bool = False
    value: Any = None
    refreshes: bool = False
    fields: tuple["Field", ...] = ()
    rows: tuple[tuple["Field", ...], ...] = ()

    @property
    def title(self) -> str:
        """What the field is called; its key, should a title be missing."""
        return str(self.schema.get("title") or self.path.rpartition(".")[2])

    @property
    def id(self) -> str:
        """Id of the (first) input; the error summary jumps to it."""
        return "f-" + self.path.replace(".", "-")

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be chosen, for selects, radio buttons and check boxes."""
        if self.schema.get("type") == "boolean":
            return (Option(True, "是"), Option(False, "否"))
        source = self.schema.get("items", {}) if self.kind == "checkboxes" else self.schema
        return _options(source)

    @property
    def source(self) -> str | None:
        """The section the value was taken from, if it was."""
        reference = self.schema.get("x-prefill")
        return reference.rpartition(".")[0] if isinstance(reference, str) else None

    @property
    def typed(self) -> str:
        """The answer as the input holds it."""
        if self.value is None:
            return ""
        if self.kind == "lines" and isinstance(self.value, list):
            return "\n".join(map(str, self.value))
        if self.kind == "money" and isinstance(self.value, int):
            return money.yuan(self.value)
        return str(self.value)

    @property
    def text(self) -> str:
        """The answer for reading: titles instead of codes, sensitive numbers masked."""
        if self.value is None or self.value == []:
            return "—"
        if self.is_file:
            return f"附件 {len(self.file_ids)} 个"
        if self.schema.get("x-sensitive") and isinstance(self.value, str):
            mask = _MASKS.get(str(self.schema.get("format")))
            return mask(self.value) if mask else "*" * len(self.value)
        return self._read(self.value)

    @property
    def in_full(self) -> str:
        """The answer for reading with nothing masked: for official papers only."""
        return "" if self.value is None else self._read(self.value)

    @property
    def is_file(self) -> bool:
        """Whether the answer refers to attachments, also where it is only read."""
        return is_file(self.schema)

    @property
    def file_ids(self) -> list[str]:
        """Ids of the attachments the answer refers to; none for any other field."""
        if not self.is_file:
            return []
        given = self.value if isinstance(self.value, list) else [self.value]
        return [one for one in given if isinstance(one, str)]

    @property
    def can_grow(self) -> bool:
        """Whether another row may be added."""
        return not self.fixed and len(self.rows) < int(self.schema.get("maxItems", MOST_ROWS))

    @property
    def fixed(self) -> bool:
        """Whether the case decides which rows there are, not whoever fills in the form."""
        return "x-rows" in self.schema or bool(self.schema.get("readOnly"))

    def chosen(self, option: Option) -> bool:
        """Whether the option is (among) the answer."""
        given = self.value if isinstance(self.value, list) else [self.value]
        # ``1 == True`` in Python, but not on a form.
        return any(v == option.value and type(v) is type(option.value) for v in given)

    def _read(self, value: Any) -> str:
        if isinstance(value, list):
            return "、".join(map(self._read, value))
        options = _options(self.schema) or _options(self.schema.get("items", {}))
        for option in options:
            if option.value == value:
                return option.title
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, int) and self.schema.get("format") == "fen":
            return money.in_words(value)
        return str(value)


#: A form with more rows than this is a file to upload.
MOST_ROWS = 100


def layout(form: Form, answers: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields that apply to the answers, in the order of ``ui:order``."""
    return _fields(form.inlined, form.ui, answers, "", False)


def walk(fields: Sequence[Field]) -> Iterator[Field]:
    """Yield fields with all fields inside them, in the order in which they are read."""
    for field in fields:
        yield field
        yield from walk(field.fields)
        for row in field.rows:
            yield from walk(row)


def file_ids(form: Form, answers: Mapping[str, Any]) -> list[str]:
    """Return the ids of all attachments the answers refer to, each once."""
    if not form.takes_files:
        return []
    found = [one for field in walk(layout(form, answers)) for one in field.file_ids]
    return list(dict.fromkeys(found))


def is_file(schema: Schema) -> bool:
    """Whether a field's answer is an attachment, or a list of them."""
    items = schema.get("items") if schema.get("type") == "array" else schema
    return isinstance(items, Mapping) and items.get("format") == "file"


def in_order(keys: Sequence[str], ui: Schema) -> list[str]:
    """Sort field keys by ``ui:order``; those it forgets come last, in the schema's order."""
    order = [key for key in ui.get("ui:order", ()) if key in keys]
    return order + [key for key in keys if key not in order]


def _fields(
    schema: Schema, ui: Schema, answers: Mapping[str, Any], prefix: str, locked: bool
) -> tuple[Field, ...]:
    shown = effective(schema, answers)
    refreshing = deciding(schema) | looked_at(ui)
    return tuple(
        _field(
            f"{prefix}{key}",
            {**shown.properties[key], "readOnly": True} if locked else shown.properties[key],
            ui.get(key, {}),
            answers.get(key),
            required=key in shown.required,
            refreshes=key in refreshing or bool(ui.get(key, {}).get("x-refresh")),
        )
        for key in in_order(list(shown.properties), ui)
    )


def _field(
    path: str, schema: Schema, ui: Schema, value: Any, *, required: bool, refreshes: bool
) -> Field:
    locked = bool(schema.get("readOnly"))
    fields: tuple[Field, ...] = ()
    rows: tuple[tuple[Field, ...], ...] = ()
    match kind := _kind(schema, ui):
        case "group":
            inside = value if isinstance(value, Mapping) else {}
            fields = _fields(schema, ui, inside, f"{path}.", locked)
        case "rows":
            each = value if isinstance(value, list) else []
            rows = tuple(
                _fields(
                    schema["items"],
                    ui.get("items", {}),
                    row if isinstance(row, Mapping) else {},
                    f"{path}.{number}.",
                    locked,
                )
                for number, row in enumerate(each)
            )
    return Field(path, schema, ui, kind, required, value, refreshes, fields, rows)


def _kind(schema: Schema, ui: Schema) -> Kind:
    type_ = schema.get("type")
    if type_ == "object":
        return "group"
    if type_ == "array" and schema.get("items", {}).get("type") == "object":
        return "rows"
    if schema.get("readOnly"):
        return "fact"
    if is_file(schema):
        return "files" if type_ == "array" else "file"
    if type_ == "array":
        return "checkboxes" if _options(schema.get("items", {})) else "lines"
    return _choice(schema, ui) or _entry(schema, ui)


def _choice(schema: Schema, ui: Schema) -> Kind | None:
    """How one of several options is chosen; None if the field is no choice."""
    widget = ui.get("ui:widget")
    if schema.get("type") == "boolean":
        return "radio" if widget == "radio" else "tick"
    options = _options(schema)
    if not options:
        return None
    few = len(options) <= MOST_RADIOS and widget != "select"
    return "radio" if few or widget == "radio" else "select"


def _entry(schema: Schema, ui: Schema) -> Kind:
    """How something is typed."""
    if schema.get("type") in ("integer", "number"):
        return "money" if schema.get("format") == "fen" else "number"
    if schema.get("format") == "date":
        return "date"
    return "textarea" if ui.get("ui:widget") == "textarea" else "text"


def _options(schema: Schema) -> tuple[Option, ...]:
    titled = [o for o in schema.get("oneOf", ()) if "const" in o]
    if titled:
        return tuple(Option(o["const"], str(o.get("title", o["const"]))) for o in titled)
    return tuple(Option(value, str(value)) for value in schema.get("enum", ()))
