"""下一步: the task of a case its worker goes on with after the last one."""

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
