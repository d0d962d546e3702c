"""下一步: what a worker goes on with after a task: the same case, or the same step of others."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from engine.access import Actor
from engine.models import Case, WorkItem
from engine.other_hands import other_hands
from engine.queries.worklist import Filters, worklist
from engine.runtime import Runtime

#: More tasks of one case than this nobody has at a time.
_MOST = 20


def next_task(runtime: Runtime, case_no: str, actor: Actor) -> WorkItem | None:
    """The case's first open task that is the actor's to do; ``None`` when it is others' turn.

    What was sent back waits for the colleague who did it before, and what must be done by somebody
    else is not offered: leading staff on claims the task for them.
    """
    tasks = worklist(runtime, actor, "pool", Filters(case_no=case_no), size=_MOST).rows
    if actor.kind != "staff":
        return tasks[0] if tasks else None
    with runtime.reading() as session:
        return next((task for task in tasks if _own(runtime, session, task, actor)), None)


def alike(runtime: Runtime, task: WorkItem, actor: Actor) -> Sequence[WorkItem]:
    """Open tasks of the same step that the actor may do next: first those taken already, then
    those nobody took, the most urgent in front; at most as many as are worth trying."""
    same = Filters(region=task.region, element=task.element, item=task.item or "")
    found = [
        row
        for row in (
            *worklist(runtime, actor, "mine", same, size=_MOST).rows,
            *worklist(runtime, actor, "pool", same, size=_MOST).rows,
        )
        if row.id != task.id
    ]
    with runtime.reading() as session:
        return [row for row in found if _own(runtime, session, row, actor)]


def _own(runtime: Runtime, session: Session, task: WorkItem, actor: Actor) -> bool:
    before = aliased(WorkItem)
    of_colleague = exists().where(
        before.case_id == task.case_id,
        before.element == task.element,
        before.item.is_not_distinct_from(task.item),
        before.state == "done",
        before.closed_by != actor.account_id,
    )
    if session.scalar(select(of_colleague)):
        return False
    release_id = session.scalars(select(Case.release_id).where(Case.id == task.case_id)).one()
    pack = runtime.releases.get(session, release_id).pack
    return not other_hands(session, pack, task, actor)
