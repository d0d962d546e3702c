"""草稿: what was typed into a task and not submitted yet."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Draft


def newest_draft(session: Session, work_item_id: UUID) -> Draft | None:
    """The draft saved last, whoever saved it: applicant and window go on with the same."""
    return session.scalar(
        select(Draft)
        .where(Draft.work_item_id == work_item_id)
        .order_by(Draft.saved_at.desc())
        .limit(1)
    )
