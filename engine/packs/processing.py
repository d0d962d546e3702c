"""个人信息处理登记: what a region's pack does with personal data, read off the pack itself.

Nothing is written for it: which data a process asks for stands in its forms, whom they are given
to in its service tasks, why in the clauses these name, and for how long in ``[retention]``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import NotFound
from engine.operations import Operation, OperationRegister
from engine.packs.diagram import Node
from engine.packs.pack import Pack
from engine.packs.region import ProcessRule

#: Whom a request is about goes with every one of them (``handlers/envelope.py``).
_WHO = ("姓名", "身份证号", "手机号码")


@dataclass(frozen=True)
class Purpose:
    """A process people's data are used for.

    Args:
        forms: what people fill in for it.
        sensitive: fields that are masked wherever they are shown.
        files: what is handed in as a file.
        clauses: ids of the sentences its diagrams and forms fulfil.
        years: how long it is kept after the case closed; ``None``: for good.
    """

    title: str
    forms: tuple[str, ...]
    sensitive: tuple[str, ...]
    files: tuple[str, ...]
    clauses: tuple[str, ...]
    years: int | None


@dataclass(frozen=True)
class Transfer:
    """What an agency is given, and for which processes."""

    agency: str
    title: str
    fields: tuple[str, ...]
    clauses: tuple[str, ...]
    purposes: tuple[str, ...]


def purposes(pack: Pack) -> list[Purpose]:
    """Every process of the region, in the order of its settings."""
    return [_purpose(pack, code, rule) for code, rule in pack.config.processes.items()]


def transfers(pack: Pack, operations: OperationRegister) -> list[Transfer]:
    """Everything the region's processes ask of agencies, agency by agency."""
    used: dict[str, list[str]] = {}
    for code, rule in pack.config.processes.items():
        for node in _nodes(pack, code):
            if node.operation and rule.title not in used.setdefault(node.operation, []):
                used[node.operation].append(rule.title)
    found = []
    for code, titles in used.items():
        try:
            operation = operations.get(code)
        except NotFound:  # an agency taken out since: nothing is given to it any more
            continue
        agency = pack.config.agencies.get(operation.agency)
        if agency is not None:  # the platform itself is nobody else
            found.append(_transfer(agency.title, operation, titles))
    return sorted(found, key=lambda one: one.agency)


def _purpose(pack: Pack, code: str, rule: ProcessRule) -> Purpose:
    nodes = list(_nodes(pack, code))
    named = [node.properties.get("formJsonSchemaFilename", "") for node in nodes]
    keys = [rule.start_form, *(name.removesuffix(".schema.json") for name in named)]
    forms = [pack.form(key).inlined for key in dict.fromkeys(keys) if key]
    clauses = list(rule.clauses)
    for called in pack.called_from(code):
        clauses += pack.processes[called].properties.get("clauses", "").split()
    clauses += [one for node in nodes for one in node.properties.get("clauses", "").split()]
    clauses += [str(one) for form in forms for one in form.get("x-clauses", [])]
    kept = pack.config.retention
    return Purpose(
        title=rule.title,
        forms=_once(str(form.get("title", "")) for form in forms),
        sensitive=_once(t for form in forms for t in _titles(form, "x-sensitive", True)),
        files=_once(t for form in forms for t in _titles(form, "format", "file")),
        clauses=_once(clauses),
        years=kept.processes.get(code, kept.years) if kept else None,
    )


def _transfer(agency: str, operation: Operation, purposes: list[str]) -> Transfer:
    fields = operation.request.model_json_schema().get("properties", {})
    return Transfer(
        agency=agency,
        title=operation.title,
        fields=_once([*_WHO, *(str(field.get("title", name)) for name, field in fields.items())]),
        clauses=_once(operation.source.split()),
        purposes=tuple(purposes),
    )


def _nodes(pack: Pack, process: str) -> Iterator[Node]:
    """Every element of a process and of those it calls."""
    for called in pack.called_from(process):
        yield from pack.processes[called].nodes.values()


def _titles(schema: Any, word: str, value: Any, title: str = "") -> Iterator[str]:
    """Titles of all fields that say this of themselves, however deep; lists by their own title."""
    if isinstance(schema, list):
        for one in schema:
            yield from _titles(one, word, value, title)
    elif isinstance(schema, dict):
        title = schema["title"] if isinstance(schema.get("title"), str) else title
        if schema.get(word) == value and title:
            yield title
        for one in schema.values():
            if isinstance(one, list | dict):
                yield from _titles(one, word, value, title)


def _once(words: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
