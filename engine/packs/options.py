"""Choices a form takes from the region's settings: ``x-options``.

``"x-options": "offices.agent"`` offers the offices of that kind, in the order of ``region.toml``,
so that a new office is written down once; an office is offered while it exists (JL-061).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.forms.choices import FROM, UNTIL
from engine.packs.region import RegionConfig

WORD = "x-options"


def with_options(node: Any, config: RegionConfig) -> Any:
    """A schema with the choices its fields take from the settings put in as ``oneOf``."""
    if isinstance(node, list):
        return [with_options(one, config) for one in node]
    if not isinstance(node, Mapping):
        return node
    filled = {key: with_options(value, config) for key, value in node.items() if key != WORD}
    if isinstance(reference := node.get(WORD), str):
        filled["oneOf"] = list(choices(reference, config))
    return filled


def choices(reference: str, config: RegionConfig) -> Iterator[dict[str, str]]:
    """The choices a reference stands for: ``offices.<kind>``, or ``offices`` for all."""
    place, _, kind = reference.partition(".")
    if place != "offices":
        return
    for code, office in config.offices.items():
        if not kind or kind in office.kinds:
            times = {FROM: office.valid_from, UNTIL: office.valid_to}
            known = {word: day.isoformat() for word, day in times.items() if day}
            yield {"const": code, "title": office.title, **known}


def references(node: Any) -> Iterator[str]:
    """Everything a schema takes its choices from."""
    if isinstance(node, list):
        for one in node:
            yield from references(one)
    elif isinstance(node, Mapping):
        for word, value in node.items():
            if word == WORD:
                yield str(value)
            else:
                yield from references(value)
