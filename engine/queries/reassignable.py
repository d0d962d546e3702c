"""转交: the tasks somebody may give away, to whom, and why one was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, may_supervise, may_work
from engine.clock import office_date
from engine.colleagues import Colleague, able
from engine.covers import Away, away, covered
from engine.errors import NotFound
from engine.models import Account, Case, DataKey, WorkItem
from engine.runtime import Runtime

#: As many as a page of a list shows.
MOST_TASKS = 200


@dataclass(frozen=True)
class Receiver:
    """A colleague, how many of the tasks they may do, and whether they are away."""

    colleague: Colleague
    tasks: int
    away: Away | None


@dataclass(frozen=True)
class Reassignable:
    """Tasks to be given away; ``holders`` are the names of those who hold them."""

    tasks: Sequence[WorkItem]
    holders: Mapping[UUID, str]
    receivers: Sequence[Receiver]


def reassignable(runtime: Runtime, ids: Sequence[UUID], actor: Actor) -> Reassignable:
    """Read the tasks among these that are open and the actor's to give, and who may take them.

    Raises:
        NotFound: none of them is.
    """
    with runtime.reading() as session:
        today = office_date(runtime.clock.now())
        mine = {actor.account_id, *covered(session, actor.account_id, today)}
        rows = session.execute(
            select(WorkItem, Account.name)
            .outerjoin(Account, Account.id == WorkItem.claimed_by)
            .where(WorkItem.id.in_(ids[:MOST_TASKS]), WorkItem.state == "open")
            .order_by(WorkItem.rank_at.asc().nulls_last(), WorkItem.id)
        ).all()
        found = [row for row in rows if _may_give(actor, row[0], mine)]
        if not found:
            raise NotFound("没有可以转交的环节：可能已办完，或不在您名下。")
        tasks = [task for task, _ in found]
        holders = {task.claimed_by: name for task, name in found if task.claimed_by}
        return Reassignable(tasks, holders, _receivers(runtime, session, tasks))


def reasons(runtime: Runtime, tasks: Sequence[WorkItem]) -> Mapping[UUID, str]:
    """Why open tasks were handed on to those who hold them, by task."""
    handed = {task.id: task.handed_sealed for task in tasks if task.handed_sealed}
    if not handed:
        return {}
    with runtime.reading() as session:
        keys = session.execute(
            select(WorkItem.id, DataKey.wrapped)
            .join(Case, Case.id == WorkItem.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(WorkItem.id.in_(handed))
        )
        return {
            one: runtime.keyring.unwrap(wrapped).open_text(bytes(handed[one]))
            for one, wrapped in keys
            if wrapped is not None
        }


def _may_give(actor: Actor, task: WorkItem, mine: set[UUID | None]) -> bool:
    if may_supervise(actor, task):
        return True
    return actor.kind == "staff" and task.claimed_by in mine and may_work(actor, task)


def _receivers(runtime: Runtime, session: Session, tasks: Sequence[WorkItem]) -> list[Receiver]:
    """Everybody who may take one of the tasks, those first who may take most."""
    releases = dict(
        session.execute(
            select(Case.id, Case.release_id).where(Case.id.in_({one.case_id for one in tasks}))
        ).all()
    )
    counted: dict[Colleague, int] = {}
    for task in tasks:
        pack = runtime.releases.get(session, releases[task.case_id]).pack
        for one in able(session, pack, task):
            counted[one] = counted.get(one, 0) + (one.id != task.claimed_by)
    absent = away(session, [one.id for one in counted], office_date(runtime.clock.now()))
    offered = [Receiver(one, count, absent.get(one.id)) for one, count in counted.items() if count]
    return sorted(offered, key=lambda one: (-one.tasks, one.colleague.name))
