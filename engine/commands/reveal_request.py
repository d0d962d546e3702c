"""Showing the numbers of a request in full to whoever has to act on it."""

from uuid import UUID

from engine.access import Actor, may_work
from engine.errors import NotFound
from engine.open_case import OpenCase
from engine.runtime import Runtime


def reveal_request(runtime: Runtime, work_item_id: UUID, actor: Actor) -> None:
    """Leave a line in the case's history before full numbers are shown to the actor.

    Raises:
        NotFound: no such task, or not the actor's.
    """
    with runtime.transaction() as session:
        case, task = OpenCase.lock_with_task(runtime, session, work_item_id, actor)
        if not may_work(actor, task) or task.kind != "call":
            raise NotFound
        title = f"{task.title}：查看了完整的证件号码和账号"
        case.note("revealed", title, element=task.element, item=task.item)
        case.save_history()
