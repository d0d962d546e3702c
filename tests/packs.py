"""Packs that differ from a real one in one place, for tests."""

import json
from collections.abc import Mapping
from typing import Any

from engine.packs.pack import Pack


def with_field(pack: Pack, form: str, key: str, field: Mapping[str, Any]) -> Pack:
    """The pack with one more field in a form."""
    path = pack.find("forms", f"{form}.schema.json")
    assert path is not None
    schema = json.loads(pack.files[path])
    schema["properties"][key] = field
    return with_file(pack, path, json.dumps(schema, ensure_ascii=False).encode())


def with_file(pack: Pack, path: str, content: bytes) -> Pack:
    """The pack with one file added or replaced."""
    return Pack(pack.region, {**pack.files, path: content})
