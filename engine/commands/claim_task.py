"""Taking a task from the pool, and giving it back."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.access import Actor, may_work
from engine.errors import AlreadyClaimed, Conflict, NotFound
from engine.models import Account, Case, WorkItem
from engine.other_hands import require_other_hands
from engine.runtime import Runtime


def claim_task(runtime: Runtime, work_item_id: UUID, actor: Actor) -> None:
    """Take a task; taking one's own again is harmless.

    Raises:
        AlreadyClaimed: a colleague was faster; the message names the colleague.
        Conflict: it was done meanwhile, or must be done by somebody else (``other_hands``).
    """
    with runtime.transaction() as session:
        task = _open_task(session, work_item_id, actor)
        release_id = session.get_one(Case, task.case_id).release_id
        pack = runtime.releases.get(session, release_id).pack
        require_other_hands(session, pack, task, actor)
        taken = session.scalar(
            update(WorkItem)
            .where(
                WorkItem.id == work_item_id,
                WorkItem.state == "open",
                WorkItem.claimed_by.is_(None) | (WorkItem.claimed_by == actor.account_id),
            )
            .values(claimed_by=actor.account_id, claimed_at=runtime.clock.now())
            .returning(WorkItem.id)
        )
        if taken is None:  # another clerk got there first
            raise AlreadyClaimed(_held_by(session, work_item_id))


def unclaim_task(runtime: Runtime, work_item_id: UUID, actor: Actor) -> None:
    """Give a task back to the pool; only its holder can.

    Raises:
        Conflict: the actor does not hold it (any more).
    """
    with runtime.transaction() as session:
        _open_task(session, work_item_id, actor)
        given = session.scalar(
            update(WorkItem)
            .where(
                WorkItem.id == work_item_id,
                WorkItem.state == "open",
                WorkItem.claimed_by == actor.account_id,
            )
            .values(claimed_by=None, claimed_at=None)
            .returning(WorkItem.id)
        )
        if given is None:
            raise Conflict("该环节不在您名下，无需退回。")


def _open_task(session: Session, work_item_id: UUID, actor: Actor) -> WorkItem:
    task = session.scalar(select(WorkItem).where(WorkItem.id == work_item_id))
    if task is None or not may_work(actor, task):
        raise NotFound
    if task.state != "open":
        raise Conflict("该环节已办理完成。")
    return task


def _held_by(session: Session, work_item_id: UUID) -> str:
    name = session.scalar(
        select(Account.name)
        .join(WorkItem, WorkItem.claimed_by == Account.id)
        .where(WorkItem.id == work_item_id)
    )
    return f"该环节已由{name}领取。" if name else AlreadyClaimed.default
