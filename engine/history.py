"""The history of a case: append-only lines, each hashed over the line before it.

The hash covers ciphertext, so the chain can be verified without any person's key and survives an
erasure. The case row carries the newest hash, so a line cut off the end is found as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Case, CaseEvent
from engine.sealing import SealingKey

GENESIS = bytes(32)


@dataclass(frozen=True)
class Break:
    """The first place where a case's history does not fit together."""

    case_no: str
    seq: int
    message: str


def next_event(
    case: Case,
    key: SealingKey,
    *,
    at: datetime,
    kind: str,
    actor: str,
    title: str,
    element: str | None = None,
    item: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> CaseEvent:
    """Make the next line and move the case's chain forward. The caller holds the case's lock."""
    case.event_count += 1
    event = CaseEvent(
        case_id=case.id,
        seq=case.event_count,
        at=at,
        kind=kind,
        actor=actor,
        title=title,
        element=element,
        item=item,
        detail_sealed=key.seal_json(detail) if detail else None,
        previous=case.event_hash,
    )
    event.hash = case.event_hash = event_hash(event)
    return event


def event_hash(event: CaseEvent) -> bytes:
    """SHA-256 over the line's fields and the hash of the line before."""
    parts = (
        str(event.case_id),
        str(event.seq),
        event.at.astimezone(UTC).isoformat(),
        event.kind,
        event.actor,
        event.title,
        event.element or "",
        event.item or "",
    )
    digest = sha256(bytes(event.previous))
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4) + raw)
    digest.update(bytes(event.detail_sealed or b""))
    return digest.digest()


def verify(session: Session, case_id: UUID) -> Break | None:
    """Walk a case's history; return the first line that was changed, lost or added, if any."""
    case = session.get_one(Case, case_id)
    previous, count = GENESIS, 0
    events = session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq)
    )
    for event in events:
        count += 1
        if event.seq != count or bytes(event.previous) != previous:
            return Break(case.no, count, "历史记录有缺失或次序被改动")
        if event_hash(event) != bytes(event.hash):
            return Break(case.no, count, "历史记录内容被改动")
        previous = bytes(event.hash)
    if count != case.event_count or previous != bytes(case.event_hash):
        return Break(case.no, count + 1, "历史记录末尾被截断或增加")
    return None
