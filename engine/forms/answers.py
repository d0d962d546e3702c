"""Answers: read from a browser or from JSON, brought into one form, and cleaned for storing."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from datetime import date
from typing import Any, Protocol

from engine import money
from engine.errors import Invalid
from engine.forms.formats import normalised
from engine.forms.layout import MOST_ROWS
from engine.forms.rules import refusals
from engine.forms.schema import Data, Form, Schema, declared, effective, fact
from engine.forms.validation import validate

#: Nothing people answer is bigger; checked before anything works on it.
MOST_VALUES, DEEPEST, MOST_TEXT = 5000, 12, 200_000
#: Conditions on conditions: more rounds than this is a form that contradicts itself.
_ROUNDS = 12
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?")

#: The cell that names a row of a list with ``x-rows``.
ROW_KEY = "code"

Read = Callable[[str, Schema], Any]


class Submitted(Protocol):
    """What a browser posted: names with one or several values each."""

    def getlist(self, key: str) -> list[str]:
        """Return all values of a name."""
        ...

    def __iter__(self) -> Iterator[str]: ...


def clean(
    form: Form,
    answers: Mapping[str, Any],
    data: Data,
    today: date | None = None,
    attachments: Collection[str] = (),
) -> dict[str, Any]:
    """Return what is to be stored, or say everything that is wrong.

    Fields that do not apply to the answers are dropped, numbers of people and units brought into
    one form, read-only fields set to what the case knows, whatever the client sent.

    Args:
        form: the form.
        answers: JSON object keyed by field.
        data: sections of the case, for ``x-prefill`` and ``x-equals``.
        today: office date, to refuse births in the future, what the law refuses (``x-rule``) and
            choices that are not offered today; None leaves these checks out.
        attachments: ids of the files these answers may refer to.

    Raises:
        Invalid: ``errors`` maps dotted paths to messages in the order of the fields. Nothing of
            the input is changed. Do not retry.
    """
    _require_measure(answers)
    if today is not None:
        form = form.on(today)
    errors = _undeclared(form.inlined, answers, "")
    cleaned = _settle(form.inlined, _from_json(answers, data))
    errors = {**validate(form, cleaned, data, today, attachments), **errors}
    if not errors and today is not None:
        errors = refusals(form, cleaned, data, today)
    if errors:
        raise Invalid(errors=errors)
    return cleaned


def parse(form: Form, submitted: Submitted, data: Data | None = None) -> dict[str, Any]:
    """Read what a browser posted: dotted names to typed answers.

    Nothing is refused here. Values of fields that do not apply are dropped; what cannot be read
    as a number stays text, so that it is shown again and the validator can say what is wrong.

    Args:
        form: the form.
        submitted: names and values as posted.
        data: sections of the case, for read-only fields.
    """
    return _settle(form.inlined, _from_post(submitted, data or {}, ""))


def prefill(form: Form, data: Data, saved: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the answers a page begins with: saved ones first, then what the case knows.

    Args:
        form: the form.
        data: sections of the case.
        saved: a draft, or the section's last version after a send-back.
    """
    return _settle(form.inlined, _from_case(saved or {}, data, fresh=saved is None))


def _settle(schema: Schema, read: Read) -> dict[str, Any]:
    """Read the fields that apply until what is read no longer changes what applies."""
    answers: dict[str, Any] = {}
    for _ in range(_ROUNDS):
        shown = effective(schema, answers).properties
        values = {key: read(key, sub) for key, sub in shown.items()}
        again = {key: value for key, value in values.items() if value is not None}
        if again == answers:
            break
        answers = again
    return answers


def _from_json(source: Mapping[str, Any], data: Data) -> Read:
    def read(key: str, schema: Schema) -> Any:
        if schema.get("readOnly"):
            return _known(schema, data)
        return _tidied(schema, source.get(key), data)

    return read


def _tidied(schema: Schema, value: Any, data: Data) -> Any:
    if isinstance(value, Mapping) and schema.get("type") == "object":
        return _settle(schema, _from_json(value, data))
    if schema.get("type") == "array" and (kept := _kept_rows(schema, data)) is not None:
        given = _by_code(value)
        return [_settle(sub, _from_json(given.get(code, {}), data)) for code, sub in kept]
    if isinstance(value, list) and schema.get("type") == "array":
        tidied = [_tidied(schema.get("items", {}), item, data) for item in value]
        return [item for item in tidied if item is not None]
    if isinstance(value, float) and schema.get("type") == "integer" and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return normalised(schema.get("format"), _plain(value)) or None
    return value


def _from_post(submitted: Submitted, data: Data, prefix: str) -> Read:
    def read(key: str, schema: Schema) -> Any:
        if schema.get("readOnly"):
            return _known(schema, data)
        name, type_ = f"{prefix}{key}", schema.get("type")
        if type_ == "object":
            return _settle(schema, _from_post(submitted, data, f"{name}."))
        if type_ == "array" and (kept := _kept_rows(schema, data)) is not None:
            return [
                _settle(sub, _from_post(submitted, data, f"{name}.{number}."))
                for number, (_, sub) in enumerate(kept)
            ]
        if type_ == "array":
            return _posted_list(submitted, data, name, schema.get("items", {}))
        texts = submitted.getlist(name)
        return _typed(schema, texts[-1]) if texts else None

    return read


def _posted_list(submitted: Submitted, data: Data, name: str, items: Schema) -> list[Any]:
    if items.get("type") != "object":
        texts = submitted.getlist(name)
        if not {"oneOf", "enum"} & set(items):  # free texts, one on each line
            texts = [line for text in texts for line in text.splitlines()]
        texts = texts[: MOST_ROWS + 1]
        return [value for text in texts if (value := _typed(items, text)) is not None]
    row = re.compile(re.escape(name) + r"\.([0-9]{1,4})\.")
    numbers = {int(found[1]) for posted in submitted if (found := row.match(posted))}
    # One row too many stays, for the validator to say so.
    kept = sorted(numbers)[: MOST_ROWS + 1]
    return [_settle(items, _from_post(submitted, data, f"{name}.{n}.")) for n in kept]


def _from_case(saved: Mapping[str, Any], data: Data, fresh: bool) -> Read:
    """``fresh``: nothing was saved yet, so what is missing may be taken from the case."""

    def read(key: str, schema: Schema) -> Any:
        if schema.get("readOnly"):
            return _known(schema, data)
        value = saved.get(key)
        if schema.get("type") == "object":
            inside = value if isinstance(value, Mapping) else {}
            return _settle(schema, _from_case(inside, data, fresh))
        if schema.get("type") == "array" and (kept := _kept_rows(schema, data)) is not None:
            old = _by_code(value)
            return [
                _settle(sub, _from_case(old.get(code, {}), data, code not in old))
                for code, sub in kept
            ]
        if value is None and fresh:
            value = _known(schema, data)
        if schema.get("type") == "array" and schema.get("items", {}).get("type") == "object":
            rows = list(value) if isinstance(value, list) else []
            return rows + [{}] * (schema.get("minItems", 0) - len(rows))
        return value

    return read


def _kept_rows(schema: Schema, data: Data) -> list[tuple[str, Schema]] | None:
    """The rows a list has by ``x-rows``: one for every row of a fact, named by its ``code``.

    What the fact says of a row stands in it: in read-only cells for good, in others to begin with.
    """
    reference = schema.get("x-rows")
    if not isinstance(reference, str):
        return None
    items = schema.get("items", {})
    kept: list[tuple[str, Schema]] = []
    for row in fact(data, reference) or ():
        given = {
            key: {**sub, "default": row[key]} if row.get(key) is not None else sub
            for key, sub in items.get("properties", {}).items()
        }
        kept.append((str(row[ROW_KEY]), {**items, "properties": given}))
    return kept


def _by_code(value: Any) -> dict[str, Mapping[str, Any]]:
    given = value if isinstance(value, list) else []
    return {str(row.get(ROW_KEY)): row for row in given if isinstance(row, Mapping)}


def _known(schema: Schema, data: Data) -> Any:
    """What is known without asking: the case's fact, else the schema's own value."""
    reference = schema.get("x-prefill")
    value = fact(data, reference) if isinstance(reference, str) else None
    if value is None:
        value = schema.get("const", schema.get("default"))
        # A declaration must be ticked by the person; ``const: true`` is not an answer.
        value = None if value is True and "default" not in schema else value
    return deepcopy(value)


def _typed(schema: Schema, text: str) -> Any:
    """Read a posted text as the schema's type; text that cannot be stays as it is."""
    text = _plain(text)
    if not text:
        return None
    type_, format_ = schema.get("type"), schema.get("format")
    if type_ == "string":
        return normalised(format_, text)
    half_width = unicodedata.normalize("NFKC", text) if len(text) <= 40 else text
    value: Any = None
    if type_ == "boolean":
        value = {"true": True, "false": False}.get(text)
    elif format_ == "fen":
        value = money.fen(half_width)
    elif type_ == "integer" and _INTEGER.fullmatch(half_width):
        value = int(half_width)
    elif type_ == "number" and _NUMBER.fullmatch(half_width):
        value = float(half_width)
    return text if value is None else value


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _require_measure(answers: object) -> None:
    """Refuse what is too big, too deep or not an object, before anything works on it."""
    if not isinstance(answers, Mapping):
        raise Invalid("提交的内容应为一个 JSON 对象。")
    waiting: list[tuple[object, int]] = [(answers, 0)]
    values = text = 0
    while waiting:
        value, depth = waiting.pop()
        values += 1
        children: list[object] = []
        if isinstance(value, Mapping):
            children = [*value.keys(), *value.values()]
        elif isinstance(value, list):
            children = value
        elif isinstance(value, str):
            text += len(value)
        elif isinstance(value, int) and abs(value) > 10**18:
            raise Invalid("提交的内容中有过大的数字。")
        elif isinstance(value, float) and not abs(value) <= 10**18:  # NaN compares false
            raise Invalid("提交的内容中有无效的数字。")
        if depth > DEEPEST or values + len(children) > MOST_VALUES or text > MOST_TEXT:
            raise Invalid("提交的内容过大或层次过深。")
        waiting += [(child, depth + 1) for child in children]


def _undeclared(schema: Schema, answers: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """Name the fields the form never asks for."""
    known, errors = declared(schema), {}
    for key, value in answers.items():
        shown = "".join(c if c.isprintable() else "?" for c in str(key)[:40])
        path = f"{prefix}{shown}"
        if key not in known:
            errors[path] = f"表单中没有“{shown}”这一项"
            continue
        inside = known[key].get("items", {}) if isinstance(value, list) else known[key]
        for number, row in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(row, Mapping) and inside.get("type") == "object":
                place = f"{path}.{number}." if isinstance(value, list) else f"{path}."
                errors.update(_undeclared(inside, row, place))
    return errors
