"""由他人办理: a task that must not be done by whoever did another one about the same person.

A review is done by somebody else than the reviewer before, an objection by somebody else than
whoever decided first (社会保险经办条例 art. 37; processes §4 N5).
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import Conflict
from engine.models import WorkItem
from engine.packs.pack import Pack


def require_other_hands(session: Session, pack: Pack, task: WorkItem, actor: Actor) -> None:
    """Refuse whoever did one of the tasks that the property ``other_than`` names.

    Raises:
        Conflict: the actor did one of them; somebody else has to do this one.
    """
    if reason := other_hands(session, pack, task, actor):
        raise Conflict(reason)


def other_hands(session: Session, pack: Pack, task: WorkItem, actor: Actor) -> str:
    """Why somebody else than the actor has to do a task; empty when nothing speaks against it."""
    done = earlier_hands(session, pack, task).get(actor.account_id)
    return f"您办理过“{done}”，“{task.title}”须由另一名人员办理。" if done is not None else ""


def earlier_hands(session: Session, pack: Pack, task: WorkItem) -> Mapping[UUID | None, str]:
    """Who must not do a task: account → the title of what they did before."""
    node = pack.processes[task.process].nodes[task.element]
    elements = node.properties.get("other_than", "").split()
    if not elements:
        return {}
    about = WorkItem.file_id == task.file_id if task.file_id else WorkItem.case_id == task.case_id
    rows = session.execute(
        select(WorkItem.closed_by, WorkItem.title).where(
            about, WorkItem.element.in_(elements), WorkItem.state == "done"
        )
    )
    return dict(rows.all())
