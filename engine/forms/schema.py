"""A form's schema and the part of it that applies to given answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from engine.errors import Invalid
from engine.forms.choices import dated, offered

Schema = Mapping[str, Any]
Data = Mapping[str, Mapping[str, Any]]

#: More nodes than this in a schema, after its references are put in, is an attack or a slip.
MOST_NODES = 20_000
#: Undeclared fields are always refused, so these two say nothing and would hide conditional fields.
_IMPLIED = frozenset({"additionalProperties", "unevaluatedProperties", "$defs"})


@dataclass(frozen=True)
class Form:
    """A form: ``schema`` says what is asked, ``ui`` how it is shown (RJSF-style uiSchema)."""

    schema: Schema
    ui: Schema = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call the form."""
        return str(self.schema.get("title", "表单"))

    @cached_property
    def takes_files(self) -> bool:
        """Whether any field asks for an attachment."""
        return _mentions_file(self.inlined)

    @cached_property
    def inlined(self) -> Schema:
        """The schema with its local references put in; worked out once.

        Raises:
            Invalid: a reference that is not local, goes in circles or leads nowhere.
        """
        return inline(self.schema)

    def on(self, day: date) -> "Form":
        """The form as it is filled in on a day: with the choices that are offered then.

        Args:
            day: office date. What was answered on other days is read with the whole form.
        """
        return replace(self, schema=offered(self.inlined, day)) if self._dated else self

    @cached_property
    def _dated(self) -> bool:
        return dated(self.inlined)


class Shown(NamedTuple):
    """The fields that apply to given answers, and which of them must be answered."""

    properties: dict[str, Schema]
    required: frozenset[str]


def effective(schema: Schema, answers: Mapping[str, Any]) -> Shown:
    """Merge the branches (``allOf``, ``then``/``else``, ``dependentSchemas``) that apply.

    Args:
        schema: an object schema without references.
        answers: the object as far as it is answered.
    """
    properties = _subschemas(schema)
    required = set(schema.get("required", ()))
    for key, more in schema.get("dependentRequired", {}).items():
        required.update(more if key in answers else ())
    for branch in _applying(schema, answers):
        shown = effective(branch, answers)
        _overlay(properties, shown.properties)
        required |= shown.required
    return Shown(properties, frozenset(required))


def declared(schema: Schema) -> dict[str, Schema]:
    """Return every field the schema can ever show, whatever is answered."""
    properties = _subschemas(schema)
    branches = [*schema.get("allOf", ()), schema.get("then"), schema.get("else")]
    for branch in (*branches, *schema.get("dependentSchemas", {}).values()):
        if isinstance(branch, Mapping):
            _overlay(properties, declared(branch))
    return properties


def deciding(schema: Schema) -> frozenset[str]:
    """Return the fields whose answers decide which others are shown."""
    names = set(schema.get("dependentSchemas", {})) | set(schema.get("dependentRequired", {}))
    if isinstance(schema.get("if"), Mapping):
        names |= _named(schema["if"])
    for branch in (*schema.get("allOf", ()), schema.get("then"), schema.get("else")):
        if isinstance(branch, Mapping):
            names |= deciding(branch)
    return frozenset(names)


def fact(data: Data, reference: str) -> Any:
    """Look up ``section.field`` in case data; None if it is not known (yet)."""
    section, _, name = reference.rpartition(".")
    return (data.get(section) or {}).get(name)


def inline(schema: Schema) -> Schema:
    """Put the definitions in ``$defs`` where they are referred to.

    Raises:
        Invalid: a reference that is not local, goes in circles or leads nowhere, or a schema that
            grows beyond all measure.
    """
    definitions = schema.get("$defs", {})
    nodes = 0

    def put_in(node: Any, trail: tuple[str, ...]) -> Any:
        nonlocal nodes
        nodes += 1
        if nodes > MOST_NODES:
            raise Invalid("表单定义过大")
        if isinstance(node, list):
            return [put_in(child, trail) for child in node]
        if not isinstance(node, Mapping):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str):
            name = reference.removeprefix("#/$defs/")
            if name == reference or not isinstance(definitions.get(name), Mapping):
                raise Invalid(f"引用“{reference[:80]}”不存在；只能引用本文件 $defs 中的定义")
            if name in trail:
                raise Invalid(f"引用“{reference[:80]}”循环")
            own = {key: value for key, value in node.items() if key != "$ref"}
            return put_in({**definitions[name], **own}, (*trail, name))
        return {key: put_in(value, trail) for key, value in node.items() if key not in _IMPLIED}

    inlined: Schema = put_in(schema, ())
    return inlined


def _mentions_file(node: Any) -> bool:
    if isinstance(node, Mapping):
        return node.get("format") == "file" or any(map(_mentions_file, node.values()))
    return isinstance(node, list) and any(map(_mentions_file, node))


def _subschemas(schema: Schema) -> dict[str, Schema]:
    properties = schema.get("properties", {})
    return {key: sub for key, sub in properties.items() if isinstance(sub, Mapping)}


def _overlay(properties: dict[str, Schema], more: Mapping[str, Schema]) -> None:
    for key, sub in more.items():
        properties[key] = {**properties.get(key, {}), **sub}


def _applying(schema: Schema, answers: Mapping[str, Any]) -> Iterator[Schema]:
    branches = list(schema.get("allOf", ()))
    if "if" in schema:
        met = Draft202012Validator(schema["if"]).is_valid(answers)
        branches.append(schema.get("then" if met else "else"))
    for key, branch in schema.get("dependentSchemas", {}).items():
        branches.append(branch if key in answers else None)
    yield from (branch for branch in branches if isinstance(branch, Mapping))


def _named(condition: Schema) -> set[str]:
    """The fields a condition looks at."""
    names = set(condition.get("properties", {})) | set(condition.get("required", ()))
    nested = [condition.get("not")]
    for word in ("allOf", "anyOf", "oneOf"):
        nested += condition.get(word, ())
    for part in nested:
        if isinstance(part, Mapping):
            names |= _named(part)
    return names
