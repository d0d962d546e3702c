"""Taking a task from the pool, and giving it back."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.access import Actor, may_work
from engine.clock import office_date
from engine.covers import away, covered
from engine.errors import AlreadyClaimed, Conflict, NotFound
from engine.models import Account, Case, WorkItem
from engine.other_hands import require_other_hands
from engine.runtime import Runtime


def claim_task(runtime: Runtime, work_item_id: UUID, actor: Actor) -> None:
    """Take a task; taking one's own again is harmless.

    Raises:
        AlreadyClaimed: a colleague was faster; the message names the colleague.
        Conflict: it was done meanwhile, must be done by somebody else (``other_hands``), or the
            actor is away and somebody covers for them.
    """
    with runtime.transaction() as session:
        task = _open_task(session, work_item_id, actor)
        release_id = session.get_one(Case, task.case_id).release_id
        pack = runtime.releases.get(session, release_id).pack
        require_other_hands(session, pack, task, actor)
        _require_present(session, actor, office_date(runtime.clock.now()))
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
    """Give a task back to the pool; only its holder can, and whoever covers for them.

    Raises:
        Conflict: the actor does not hold it (any more).
    """
    with runtime.transaction() as session:
        _open_task(session, work_item_id, actor)
        absent = covered(session, actor.account_id, office_date(runtime.clock.now()))
        given = session.scalar(
            update(WorkItem)
            .where(
                WorkItem.id == work_item_id,
                WorkItem.state == "open",
                WorkItem.claimed_by.in_([actor.account_id, *absent]),
            )
            .values(claimed_by=None, claimed_at=None, handed_by=None, handed_sealed=None)
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


def _require_present(session: Session, actor: Actor, today: date) -> None:
    """Who is away takes nothing new: it would lie there until they are back."""
    if actor.kind != "staff" or actor.account_id is None:
        return
    if absent := away(session, [actor.account_id], today).get(actor.account_id):
        raise Conflict(
            f"您已登记请假至 {absent.until}，由{absent.by}代办，不能领取新的环节。"
            "已回岗的，请先在“请假代办”中结束代办。"
        )


def _held_by(session: Session, work_item_id: UUID) -> str:
    name = session.scalar(
        select(Account.name)
        .join(WorkItem, WorkItem.claimed_by == Account.id)
        .where(WorkItem.id == work_item_id)
    )
    return f"该环节已由{name}领取。" if name else AlreadyClaimed.default
