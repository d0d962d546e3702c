"""Who is acting, and what they may see and do: one rule set for lists, pages, actions, API."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_

from engine.models import Case, WorkItem


@dataclass(frozen=True)
class Actor:
    """Somebody at work: an account as the commands see it.

    ``grants`` are (role, region) pairs of staff; ``files`` are the person files of a retiree.
    """

    account_id: UUID | None
    name: str
    kind: str  # staff | unit | person | system
    grants: frozenset[tuple[str, str]] = frozenset()
    unit_id: UUID | None = None
    files: frozenset[UUID] = field(default_factory=frozenset)

    def holds(self, role: str, region: str) -> bool:
        """Whether the actor holds a role in a region."""
        return (role, region) in self.grants

    @property
    def is_admin(self) -> bool:
        """Whether the actor administers any region."""
        return any(role == "admin" for role, _ in self.grants)


#: What the system does by itself: timers, agency replies.
SYSTEM = Actor(None, "系统", "system")


def may_work(actor: Actor, task: WorkItem) -> bool:
    """Whether the actor may do this task: its unit's, its own, or one of its role and region."""
    if task.role == "unit":
        return actor.kind == "unit" and task.unit_id is not None and task.unit_id == actor.unit_id
    if task.role == "person":
        return actor.kind == "person" and task.file_id in actor.files
    return actor.kind == "staff" and actor.holds(task.role, task.region)


def may_see(actor: Actor, case: Case) -> bool:
    """Whether the actor may see this case: the unit, the person, or staff of its region."""
    if actor.kind == "unit":
        return case.unit_id is not None and case.unit_id == actor.unit_id
    if actor.kind == "person":
        return case.file_id in actor.files
    return any(region == case.region for _, region in actor.grants)


def workable(actor: Actor) -> ColumnElement[bool]:
    """``may_work`` as a condition on ``work_item``."""
    if actor.kind == "unit" and actor.unit_id is not None:
        return and_(WorkItem.role == "unit", WorkItem.unit_id == actor.unit_id)
    if actor.kind == "person":
        return and_(WorkItem.role == "person", WorkItem.file_id.in_(actor.files))
    if not actor.grants:
        return false()
    return or_(
        *(
            and_(WorkItem.role == role, WorkItem.region == region)
            for role, region in sorted(actor.grants)
        )
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """``may_see`` as a condition on ``case_``."""
    if actor.kind == "unit" and actor.unit_id is not None:
        return Case.unit_id == actor.unit_id
    if actor.kind == "person":
        return Case.file_id.in_(actor.files)
    return Case.region.in_(sorted({region for _, region in actor.grants}))
