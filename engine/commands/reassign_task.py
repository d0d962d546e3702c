"""转交: giving a task to a colleague by name, and saying why."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from engine.access import Actor, may_supervise, may_work
from engine.clock import office_date
from engine.colleagues import Colleague, able
from engine.covers import away, in_place_of
from engine.drafts import newest_draft
from engine.errors import AlreadyClaimed, Conflict, Invalid, NotFound
from engine.forms import unprintable
from engine.models import Account, Draft, WorkItem
from engine.open_case import OpenCase
from engine.runtime import Runtime

LONGEST_REASON = 200


def reassign_task(
    runtime: Runtime, work_item_id: UUID, to: UUID, reason: str, actor: Actor
) -> None:
    """Give an open task to a colleague; the history keeps who gave it to whom, sealed with why.

    Whoever holds it may, whoever covers for its holder, and those who supervise its office. What
    was typed last stays with the task: the receiver finds it as their own draft.

    Args:
        to: the receiver's account.
        reason: in the words of whoever gives it, 1 to 200 characters.

    Raises:
        NotFound: no such task, or not the actor's to give.
        Invalid: no reason, or the receiver cannot take it; ``errors`` names the field.
        Conflict: it was done meanwhile, or is the receiver's already.
    """
    reason = check_reason(reason)
    with runtime.transaction() as session:
        case, task = OpenCase.lock_with_task(runtime, session, work_item_id, actor)
        case.actor = _giver(case, task, actor)
        if task.state != "open":
            raise Conflict("该环节已办理完成，无需转交。")
        receiver = _receiver(case, task, to)
        holder = session.get(Account, task.claimed_by) if task.claimed_by else None
        _take_draft_along(case, task, to)
        task.claimed_by, task.claimed_at = to, case.now
        task.handed_by, task.handed_sealed = case.actor.name, case.key.seal_text(reason)
        case.note(
            "reassign",
            f"{task.title}：由{holder.name if holder else '待领取'}转交给{receiver.name}",
            element=task.element,
            item=task.item,
            detail={"reason": reason},
        )
        case.save_history()


def reassign_tasks(
    runtime: Runtime, tasks: Sequence[UUID], to: UUID, reason: str, actor: Actor
) -> Mapping[UUID, str]:
    """Give several tasks to one colleague, each for itself.

    Returns:
        For those that could not be given: why not, a sentence each.

    Raises:
        Invalid: no reason, or too long a one; nothing was given.
    """
    check_reason(reason)
    refused: dict[UUID, str] = {}
    for task in tasks:
        try:
            reassign_task(runtime, task, to, reason, actor)
        except Invalid as error:
            refused[task] = error.errors["to"]
        except (Conflict, NotFound) as error:
            refused[task] = error.message
    return refused


def check_reason(reason: str) -> str:
    """The reason as it is kept; ``Invalid`` when there is none or too much of it."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or unprintable(reason.replace("\r", "")):
        raise Invalid(errors={"reason": f"请写明转交原因（{LONGEST_REASON} 字以内）。"})
    return reason


def _giver(case: OpenCase, task: WorkItem, actor: Actor) -> Actor:
    """The actor, as the history names whoever may give this task away."""
    if may_supervise(actor, task):
        return actor
    if actor.kind != "staff" or not may_work(actor, task):
        raise NotFound
    if task.claimed_by is None:
        raise Conflict("该环节还没有人领取，请先领取再转交。")
    try:
        return in_place_of(case.session, task, actor, office_date(case.now))
    except AlreadyClaimed:
        raise Conflict("该环节不在您名下，不能转交。") from None


def _receiver(case: OpenCase, task: WorkItem, to: UUID) -> Colleague:
    if to == task.claimed_by:
        raise Conflict("该环节已经在这位同事名下。")
    receiver = next(
        (one for one in able(case.session, case.release.pack, task) if one.id == to), None
    )
    if receiver is None:
        raise Invalid(
            errors={"to": "这位同事不能办理该环节（没有相应岗位，或办理过须由他人复核的环节）。"}
        )
    if absent := away(case.session, [to], office_date(case.now)).get(to):
        said = f"{receiver.name}请假至 {absent.until}，由{absent.by}代办，请选择其他同事。"
        raise Invalid(errors={"to": said})
    return receiver


def _take_draft_along(case: OpenCase, task: WorkItem, to: UUID) -> None:
    last = newest_draft(case.session, task.id)
    if last is None or last.account_id == to:
        return
    kept = {"answers_sealed": last.answers_sealed, "saved_at": last.saved_at}
    case.session.execute(
        insert(Draft)
        .values(work_item_id=task.id, account_id=to, **kept)
        .on_conflict_do_update(index_elements=["work_item_id", "account_id"], set_=kept)
    )
