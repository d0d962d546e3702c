"""Notices: what a person, a unit or a clerk is told, rendered from the region's own templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from engine.errors import EngineError
from engine.packs.release import LoadedRelease
from engine.practice import MARK


@dataclass(frozen=True)
class NoticeText:
    """A notice as it will be read."""

    title: str
    body: str


def render_notice(release: LoadedRelease, template: str, names: Mapping[str, Any]) -> NoticeText:
    """Render a notice: the template's first line is the title, the rest the body.

    Raises:
        EngineError: the template cannot be rendered with this case's data; do not retry.
    """
    source = release.pack.notice(template)
    try:
        text = release.text_templates.from_string(source).render(nested(names))
    except TemplateError as error:
        raise EngineError(f"通知模板“{template}”无法生成：{error}") from error
    title, _, body = text.partition("\n")
    mark = MARK if release.config.practice else ""
    return NoticeText(f"{mark}{title.strip()}", body.strip())


def nested(names: Mapping[str, Any]) -> dict[str, Any]:
    """Let a template write ``fund.seal.reason`` for the section ``fund.seal`` of an item."""
    nested: dict[str, Any] = {name: value for name, value in names.items() if "." not in name}
    for name in names:
        item, _, section = name.partition(".")
        if section:
            nested[item] = {**nested.get(item, {}), section: names[name]}
    return nested
