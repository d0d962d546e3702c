"""Which open tasks somebody has begun to fill in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from engine.models import Draft
from engine.runtime import Runtime


def saved_drafts(runtime: Runtime, tasks: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """When something was last saved of these tasks, for those where something was.

    Args:
        tasks: ids of work items the reader may work on (``worklist``).
    """
    with runtime.reading() as session:
        rows = session.execute(
            select(Draft.work_item_id, func.max(Draft.saved_at))
            .where(Draft.work_item_id.in_(tasks))
            .group_by(Draft.work_item_id)
        )
        return dict(rows.all())
