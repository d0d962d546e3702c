"""Whether an applicant can still take a case back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, may_see
from engine.models import Case, Subscription
from engine.runtime import Runtime

MESSAGE = "withdraw"


def may_withdraw(runtime: Runtime, case_no: str, actor: Actor) -> bool:
    """Whether the actor applied and the case still waits for a withdrawal (before approval)."""
    with runtime.reading() as session:
        return withdrawal_key(session, case_no, actor) is not None


def withdrawal_key(session: Session, case_no: str, actor: Actor) -> str | None:
    """The business key under which the case waits to be taken back; ``None`` when it does not."""
    row = session.execute(
        select(Case, Subscription.business_key)
        .join(Subscription, Subscription.case_id == Case.id)
        .where(Case.no == case_no, Subscription.message == MESSAGE)
    ).one_or_none()
    if row is None or not may_see(actor, row[0]) or actor.kind != row[0].applicant:
        return None
    return row[1]
