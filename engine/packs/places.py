"""The places of a pack that name clauses: where a sentence of a policy is fulfilled.

Settings are walked by their shape: whatever has a field ``clauses`` counts, so a new kind of
setting needs nothing here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from engine.decisions.table import Table
from engine.features import FEATURES
from engine.packs.diagram import Process
from engine.packs.pack import Pack
from engine.packs.region import RegionConfig


@dataclass(frozen=True)
class Place:
    """One place and the clauses it names.

    Args:
        kind: ``elements``, ``forms``, ``decisions``, or the part of ``region.toml`` (``items``,
            ``notices`` …).
        ref: names it among its kind: ``approve``'s ``application/approve``, a process alone,
            ``choose_items/pension``, or the key in ``region.toml``.
        title: what people call it.
        file: where it stands.
        element: where in the file, as problems name it.
    """

    kind: str
    ref: str
    title: str
    file: str
    element: str
    clauses: tuple[str, ...]


def places(pack: Pack) -> list[Place]:
    """Every place of a pack that names clauses."""
    schemas = {
        path: pack.form(key).schema
        for path in sorted(pack.files)
        if (key := form_key(path)) is not None
    }
    return [
        *setting_places(pack.config, f"processes/{pack.region}/region.toml"),
        *drawing_places(pack.processes.values()),
        *decision_places(pack.tables.values()),
        *(place for path, schema in schemas.items() for place in form_places(path, schema)),
    ]


def form_key(path: str) -> str | None:
    """The key of the form a file of a pack is the schema of."""
    if not path.startswith("forms/") or not path.endswith(".schema.json"):
        return None
    return path.split("/", 2)[2].removesuffix(".schema.json")


def drawing_places(processes: Iterable[Process]) -> Iterator[Place]:
    """Diagrams: processes as a whole, and their elements."""
    for process in processes:
        if named := _split(process.properties.get("clauses")):
            yield Place("elements", process.id, process.name, process.file, process.id, named)
        for node in process.nodes.values():
            if named := _split(node.properties.get("clauses")):
                ref = f"{process.id}/{node.id}"
                title = f"{process.name}：{node.name or node.id}"
                yield Place("elements", ref, title, process.file, node.id, named)


def decision_places(tables: Iterable[Table]) -> Iterator[Place]:
    """Decision tables."""
    for table in tables:
        if table.clauses:
            yield Place("decisions", table.id, table.title, table.file, table.id, table.clauses)


def setting_places(config: RegionConfig, file: str) -> Iterator[Place]:
    """``region.toml``: every setting with a field ``clauses``."""
    for path, setting in _settings(config, ()):
        if named := tuple(getattr(setting, "clauses", ())):
            kind, ref = path[0], ".".join(path[1:])
            yield Place(kind, ref, _title(kind, ref, setting), file, ".".join(path), named)


def form_places(file: str, schema: Mapping[str, Any]) -> Iterator[Place]:
    """A form as a whole, and its fields in all branches."""
    key, title = form_key(file) or file, str(schema.get("title", file))
    for path, pointer, node in _fields(schema, (), ""):
        named = node.get("x-clauses", ())
        if named and isinstance(named, list):
            words = f"{title}：{node.get('title', path[-1])}" if path else title
            ref = "/".join((key, *path))
            yield Place("forms", ref, words, file, pointer or "/", tuple(map(str, named)))


def _settings(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], BaseModel]]:
    if isinstance(value, BaseModel):
        if path:
            yield path, value
        for name in type(value).model_fields:
            yield from _settings(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _settings(one, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _settings(one, (*path, str(number)))


def _fields(
    node: Any, path: tuple[str, ...], pointer: str
) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    """A schema and every field below it, wherever it is declared; ``path`` are field names only."""
    if isinstance(node, list):
        for number, one in enumerate(node):
            yield from _fields(one, path, f"{pointer}/{number}")
    if not isinstance(node, Mapping):
        return
    yield path, pointer, node
    for word, value in node.items():
        if word in ("properties", "$defs", "dependentSchemas") and isinstance(value, Mapping):
            for name, one in value.items():
                below = (*path, name) if word == "properties" else path
                yield from _fields(one, below, f"{pointer}/{word}/{name}")
        elif word in ("allOf", "then", "else", "items"):
            yield from _fields(value, path, f"{pointer}/{word}")


def _title(kind: str, ref: str, setting: BaseModel) -> str:
    if kind == "features" and ref in FEATURES:
        return FEATURES[ref].title
    return str(getattr(setting, "title", "") or ref)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split())
