"""Who is acting, and what they may see and do: one rule set for lists, pages, actions, API.

A role held for one office counts for what is that office's: its tasks, its cases, the people on
record there, the lists about them. What a region has only one of (agencies, calendar, releases,
liaisons, contents, lists for an agency, accounts) takes the role for the whole region.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from engine.models import Case, PersonFile, WorkItem

#: Roles of applicants: their tasks belong to a unit or a person, not to an office.
OF_UNITS = frozenset({"unit", "custodian"})

#: Roles that look after who does the work of their office or region: whose work; None: everybody's.
SUPERVISORS: Mapping[str, frozenset[str] | None] = {
    "admin": None,
    "si_supervisor": frozenset({"si_clerk", "si_checker", "si_supervisor"}),
}


class Grant(NamedTuple):
    """A role in a region; with ``office``, only for that office's work."""

    role: str
    region: str
    office: str = ""


@dataclass(frozen=True)
class Actor:
    """Somebody at work: an account as the commands see it.

    ``grants`` are the rights of staff, those below a granted office written out; ``files`` are
    the person files of a retiree; ``units`` are the actor's unit and the units below it
    (a group's subordinates, JLG-007); ``unit_admin`` looks after the unit's operators, and
    ``barred`` (``region/process``) is what this operator is kept out of (JLG-004). ``verified``
    tells how surely the identity platform knew a retiree; empty: it did not (JLG-009).
    """

    account_id: UUID | None
    name: str
    kind: str  # staff | unit | person | public | system
    grants: frozenset[Grant] = frozenset()
    unit_id: UUID | None = None
    unit_kind: str = ""  # employer | custodian
    units: frozenset[UUID] = field(default_factory=frozenset)
    files: frozenset[UUID] = field(default_factory=frozenset)
    unit_admin: bool = False
    barred: frozenset[str] = frozenset()
    verified: str = ""

    def may_use(self, region: str, process: str) -> bool:
        """Whether the actor is not kept out of a process."""
        return f"{region}/{process}" not in self.barred

    def holds(self, role: str, region: str) -> bool:
        """Whether the actor holds a role for a whole region."""
        return Grant(role, region) in self.grants

    def serves(self, roles: Collection[str], region: str) -> bool:
        """Whether the actor holds one of these roles in a region, if only for one office.

        Only whether to offer something: what it is about, the caller still has to ask.
        """
        return bool(self.offices(roles, region))

    def offices(self, roles: Collection[str], region: str) -> frozenset[str]:
        """For which offices the actor holds one of these roles; ``""``: for the whole region."""
        return frozenset(
            grant.office for grant in self.grants if grant.region == region and grant.role in roles
        )

    def covers(self, roles: Collection[str], region: str, offices: Collection[str]) -> bool:
        """Whether one of these roles counts for all of something.

        Args:
            offices: whose it is; none: it is the whole region's.
        """
        own = self.offices(roles, region)
        return "" in own or (bool(offices) and own.issuperset(offices))

    @property
    def entry(self) -> str:
        """Through which door the actor begins cases: unit, custodian, person or staff."""
        return "custodian" if self.unit_kind == "custodian" else self.kind

    @property
    def regions(self) -> frozenset[str]:
        """The regions the actor works in, if only in one office of theirs."""
        return frozenset(grant.region for grant in self.grants)

    @property
    def whole_regions(self) -> frozenset[str]:
        """Those the actor works in as a whole, not in an office only."""
        return frozenset(grant.region for grant in self.grants if not grant.office)

    @property
    def is_admin(self) -> bool:
        """Whether the actor administers any region as a whole."""
        return any(grant.role == "admin" and not grant.office for grant in self.grants)


#: How a case came in that staff entered for whoever stood before them.
WINDOW = "窗口"

#: Somebody who need not sign in, e.g. an institution that asks for an account (JLG-005).
PUBLIC = Actor(None, "申请机构", "public")

#: What the system does by itself: timers, agency replies.
SYSTEM = Actor(None, "系统", "system")


def may_work(actor: Actor, task: WorkItem) -> bool:
    """Whether the actor may do this task: its unit's, its own, or one of its role and office."""
    if task.role in OF_UNITS:
        own = actor.kind == "unit" and task.unit_id in actor.units
        return own and actor.may_use(task.region, task.case_process)
    if task.role == "person":
        return actor.kind == "person" and task.file_id in actor.files
    return actor.kind == "staff" and any(
        grant.role == task.role
        and grant.region == task.region
        and grant.office in ("", task.office)
        for grant in actor.grants
    )


def may_supervise(actor: Actor, task: WorkItem) -> bool:
    """Whether the actor says who does this task: staff's work of the region or office they lead."""
    return task.role not in OF_UNITS | {"person"} and leads(
        actor, Grant(task.role, task.region, task.office or "")
    )


def leads(actor: Actor, grant: Grant) -> bool:
    """Whether the actor looks after the work of somebody's role in a region or office."""
    return actor.kind == "staff" and any(
        own.role in SUPERVISORS
        and grant.role in (SUPERVISORS[own.role] or {grant.role})
        and own.region == grant.region
        and own.office in ("", grant.office)
        for own in actor.grants
    )


def may_see(actor: Actor, case: Case) -> bool:
    """Whether the actor may see this case: unit, person, or staff of its region and offices."""
    if actor.kind == "unit":
        return case.unit_id in actor.units and actor.may_use(case.region, case.process)
    if actor.kind == "person":
        return case.file_id in actor.files
    return any(
        grant.region == case.region and (not grant.office or grant.office in case.offices)
        for grant in actor.grants
    )


def may_serve(actor: Actor, case: Case, roles: Collection[str]) -> bool:
    """Whether staff hold one of these roles for a case: where it ever had a task."""
    own = actor.offices(roles, case.region)
    return "" in own or not own.isdisjoint(case.offices)


def workable(actor: Actor) -> ColumnElement[bool]:
    """``may_work`` as a condition on ``work_item``."""
    if actor.kind == "unit":
        return and_(
            WorkItem.role.in_(OF_UNITS),
            WorkItem.unit_id.in_(actor.units),
            *_not_barred(actor, WorkItem.region, WorkItem.case_process),
        )
    if actor.kind == "person":
        return and_(WorkItem.role == "person", WorkItem.file_id.in_(actor.files))
    rights = [
        and_(
            WorkItem.role == grant.role,
            WorkItem.region == grant.region,
            *([WorkItem.office == grant.office] if grant.office else []),
        )
        for grant in sorted(actor.grants)
    ]
    return or_(*rights) if rights else false()


def visible(actor: Actor) -> ColumnElement[bool]:
    """``may_see`` as a condition on ``case_``."""
    if actor.kind == "unit":
        own = Case.unit_id.in_(actor.units)
        return and_(own, *_not_barred(actor, Case.region, Case.process))
    if actor.kind == "person":
        return Case.file_id.in_(actor.files)
    whole, part = _reach(actor)
    seen: list[ColumnElement[bool]] = [Case.region.in_(sorted(whole))]
    seen += [
        and_(Case.region == region, Case.offices.overlap(sorted(offices)))
        for region, offices in sorted(part.items())
    ]
    return or_(*seen)


def files_in_reach(actor: Actor) -> ColumnElement[bool]:
    """Which person files the actor may see, as a condition on ``person_file``."""
    if actor.kind == "unit":
        return or_(PersonFile.unit_id.in_(actor.units), PersonFile.custodian_id.in_(actor.units))
    if actor.kind == "person":
        return PersonFile.id.in_(actor.files)
    whole, part = _reach(actor)
    return or_(
        PersonFile.region.in_(sorted(whole)),
        *(
            and_(PersonFile.region == region, PersonFile.office.in_(sorted(offices)))
            for region, offices in sorted(part.items())
        ),
    )


def _not_barred(
    actor: Actor, region: InstrumentedAttribute[str], process: InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    """The condition that keeps an operator out of what it is barred from; usually none."""
    if not actor.barred:
        return []
    return [func.concat(region, "/", process).not_in(sorted(actor.barred))]


def _reach(actor: Actor) -> tuple[set[str], dict[str, set[str]]]:
    """Regions the actor sees whole, and the offices it sees of others."""
    whole = set(actor.whole_regions)
    part: dict[str, set[str]] = {}
    for grant in actor.grants:
        if grant.region not in whole:
            part.setdefault(grant.region, set()).add(grant.office)
    return whole, part
