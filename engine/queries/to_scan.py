"""What a person has to confirm with a telephone: the codes of live requests, to be scanned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.models import Case, DataKey, Feedback, ServiceCall
from engine.runtime import Runtime


@dataclass(frozen=True)
class ToScan:
    """A request that waits for its person; ``url`` is what the QR code says."""

    call_id: UUID
    case_no: str
    title: str
    url: str


def to_scan(runtime: Runtime, actor: Actor) -> Sequence[ToScan]:
    """List what a retiree has to scan now, in all their cases (JLG-037, JLG-038)."""
    codes = [one.code for one in runtime.operations if one.by_person]
    if actor.kind != "person" or not codes:
        return []
    with runtime.reading() as session:
        rows = session.execute(
            select(ServiceCall, Case.no, DataKey.wrapped)
            .join(Case, Case.id == ServiceCall.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(
                Case.file_id.in_(actor.files),
                Case.status == "running",
                ServiceCall.operation.in_(codes),
                ServiceCall.state == "accepted",
            )
            .order_by(ServiceCall.id)
        ).all()
        return [
            ToScan(call.id, no, call.title, url)
            for call, no, wrapped in rows
            if (url := _url(runtime, session, call, wrapped))
        ]


def _url(runtime: Runtime, session: Session, call: ServiceCall, wrapped: bytes | None) -> str:
    """The address the agency gave when it accepted; empty when it gave none that can be opened."""
    raw = session.scalar(
        select(Feedback.raw_sealed)
        .where(Feedback.call_id == call.id)
        .order_by(Feedback.id.desc())
        .limit(1)
    )
    if raw is None or wrapped is None:
        return ""
    try:
        said = json.loads(runtime.keyring.unwrap(wrapped).open_text(bytes(raw)))
        url = str(said["business"]["scan_url"])
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except (ValueError, KeyError, TypeError):
        return ""
