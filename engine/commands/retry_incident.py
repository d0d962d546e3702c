"""Letting automation try again what it gave up on."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import Conflict, Forbidden, NotFound
from engine.models import Incident, ServiceAttempt, ServiceCall
from engine.open_case import OpenCase
from engine.runtime import Runtime


def retry_incident(runtime: Runtime, incident_id: UUID, note: str, actor: Actor) -> None:
    """Send a stuck call once more under the same idempotency key, or issue a document that could
    not be made; and close the incident.

    Args:
        note: what was found and mended, kept with the incident.

    Raises:
        Conflict: somebody closed it already.
    """
    with runtime.transaction() as session:
        incident = session.get(Incident, incident_id)
        if incident is None:
            raise NotFound
        case = OpenCase.lock(runtime, session, incident.case_id, actor)
        if not actor.holds("admin", case.case.region):
            raise Forbidden
        session.refresh(incident)
        if incident.closed_at is not None:
            raise Conflict("该异常已处理。")
        incident.closed_at, incident.resolution = case.now, note[:400] or "重试"
        if incident.kind == "document":
            key, _, item = incident.ref.partition(" ")
            case.hand_out(key, item or None)
        call = session.get(ServiceCall, UUID(incident.ref)) if incident.kind == "call" else None
        if call is not None and call.state == "stuck":
            # it may have reached the agency before it got stuck: ask before sending
            call.state = "unknown" if call.attempts else "queued"
            if _never_arrived(session, call):  # the agency may be reached another way by now
                call.state, call.mode = "queued", None
            call.changed_at = case.now
            case.outbox.try_call(call.id)
        case.note("incident_retried", f"异常已处理并重试：{incident.title}", detail={"note": note})
        case.save()


def _never_arrived(session: Session, call: ServiceCall) -> bool:
    """Whether nobody was there at every single try."""
    outcomes = select(ServiceAttempt.outcome).where(ServiceAttempt.call_id == call.id)
    return set(session.scalars(outcomes)) == {"unavailable"}
