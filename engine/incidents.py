"""转人工处理: work that automation gave up on."""

from typing import TYPE_CHECKING
from uuid import UUID

from engine import letters
from engine.liaisons import Department
from engine.models import Incident, ServiceCall

if TYPE_CHECKING:
    from engine.open_case import OpenCase


def open_incident(case: "OpenCase", kind: str, ref: str, title: str, message: str) -> None:
    """Record work that automation gave up on; a person has to look at it.

    Args:
        kind: ``call``, ``timer`` or ``document``.
        ref: the call's or timer's id, or ``document item``.
        title: what was being done.
        message: what went wrong; never personal data.
    """
    case.changes.add(
        Incident(
            case_id=case.case.id,
            kind=kind,
            ref=ref,
            title=title[:120],
            message=message[:400],
            opened_at=case.now,
        )
    )
    case.note("incident", f"转人工处理：{title}", detail={"message": message})
    if kind == "call":
        agency = case.session.get_one(ServiceCall, UUID(ref)).agency
        letters.send(case, Department("agency", agency), "failed", title)
