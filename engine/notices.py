"""Notices: what a person, a unit or a clerk is told, rendered from the region's own templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jinja2 import TemplateError
from sqlalchemy import update

from engine.access import OF_UNITS
from engine.clock import office_date
from engine.contents import Contents, contents_of
from engine.errors import EngineError
from engine.models import Notice
from engine.packs.release import LoadedRelease
from engine.practice import MARK

if TYPE_CHECKING:
    from engine.open_case import OpenCase

AUDIENCE = {"person": "本人", "unit": "单位", "custodian": "档案托管机构", "clerk": "经办人"}


@dataclass(frozen=True)
class NoticeText:
    """A notice as it will be read."""

    title: str
    body: str


def notify(case: "OpenCase", template: str, audience: str) -> None:
    """Write a notice into somebody's inbox.

    Args:
        template: its name in the region's ``notices/``.
        audience: ``applicant`` is whoever applied: unit, custodian or person.
    """
    if audience == "applicant":
        audience = case.case.applicant
    if audience in OF_UNITS and case.case.unit_id is None:
        return
    text = render_notice(case.release, template, _names(case))
    _keep(case, template, audience, text, channel="inbox", state="sent", call_id=None)
    case.note("notice", f"已通知{AUDIENCE[audience]}：{text.title}")


def write_text(case: "OpenCase", template: str, audience: str, call_id: UUID) -> Mapping[str, str]:
    """Write a notice that a service call is to deliver (a text message), not yet sent."""
    text = render_notice(case.release, template, _names(case))
    _keep(case, template, audience, text, channel="sms", state="queued", call_id=call_id)
    return {"text": text.body}


def text_delivered(case: "OpenCase", call_id: UUID, delivered: bool) -> None:
    """Say what became of the notice a service call was to deliver, if it was for one."""
    case.session.execute(
        update(Notice)
        .where(Notice.call_id == call_id, Notice.state == "queued")
        .values(state="sent" if delivered else "failed", sent_at=case.now)
    )


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


def _names(case: "OpenCase") -> dict[str, Any]:
    """What a notice may say: case data, functions, the portal, what offices tell people."""
    today = office_date(case.now)
    contents = Contents(lambda: contents_of(case.session, case.config, today))
    return {**case.data, **case.functions, "portal": case.config.portal, "contents": contents}


def _keep(
    case: "OpenCase",
    template: str,
    audience: str,
    text: NoticeText,
    *,
    channel: str,
    state: str,
    call_id: UUID | None,
) -> None:
    case.changes.add(
        Notice(
            case_id=case.case.id,
            template=template,
            audience=audience,
            title=text.title[:120],
            body_sealed=case.key.seal_text(text.body),
            channel=channel,
            state=state,
            created_at=case.now,
            sent_at=case.now if state == "sent" else None,
            call_id=call_id,
        )
    )
