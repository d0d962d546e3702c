"""What automation gave up on, for those who administer its region."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select

from engine.access import Actor
from engine.administered import administered
from engine.models import Case, Incident
from engine.runtime import Runtime


def incidents(
    runtime: Runtime, actor: Actor, *, closed: bool = False, limit: int = 200
) -> Sequence[tuple[Incident, Case]]:
    """List incidents with their cases: open ones oldest first, closed ones newest first."""
    query = select(Incident, Case).join(Case, Case.id == Incident.case_id)
    if closed:
        query = query.where(Incident.closed_at.is_not(None)).order_by(Incident.closed_at.desc())
    else:
        query = query.where(Incident.closed_at.is_(None)).order_by(Incident.opened_at)
    with runtime.reading() as session:
        rows = session.execute(query.where(_administered(actor)).limit(limit))
        return rows.all()


def count_incidents(runtime: Runtime, actor: Actor) -> int:
    """Count the open ones."""
    with runtime.reading() as session:
        return (
            session.scalar(
                select(func.count())
                .select_from(Incident)
                .join(Case, Case.id == Incident.case_id)
                .where(and_(Incident.closed_at.is_(None), _administered(actor)))
            )
            or 0
        )


def _administered(actor: Actor) -> ColumnElement[bool]:
    return Case.region.in_(administered(actor))
