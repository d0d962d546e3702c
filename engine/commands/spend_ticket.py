"""Using a ticket that works once."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from engine.errors import Conflict
from engine.models import SpentTicket
from engine.runtime import Runtime


def spend_ticket(runtime: Runtime, ticket_id: str, expires_at: datetime, now: datetime) -> None:
    """Remember that a ticket was used; those that have expired are forgotten (JLG-001).

    Args:
        ticket_id: unique at whoever issued it.
        expires_at, now: by the machine's clock, for a ticket speaks about the wire.

    Raises:
        Conflict: it was used before. Ask for a new one.
    """
    with runtime.transaction() as session:
        session.execute(delete(SpentTicket).where(SpentTicket.expires_at < now))
        spent = session.scalar(
            insert(SpentTicket)
            .values(id=ticket_id, expires_at=expires_at)
            .on_conflict_do_nothing()
            .returning(SpentTicket.id)
        )
        if spent is None:
            raise Conflict("该链接已经用过，请回到门户重新进入。")
