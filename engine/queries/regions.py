"""The regions that take cases today, what can be started in them, and who works at which step."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.models import PersonFile, RegionActivation
from engine.packs.region import ProcessRule, RegionConfig
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime


def active_releases(runtime: Runtime) -> list[LoadedRelease]:
    """The release new cases begin with, of every region in use, by region code."""
    with runtime.reading() as session:
        return _active(runtime, session)


def startable(
    runtime: Runtime, actor: Actor, *, everywhere: bool = True
) -> list[tuple[RegionConfig, str, ProcessRule]]:
    """What the actor may start: region, process id and rule.

    Args:
        everywhere: for a unit, in all regions; else where its people are on record (where there
            are none yet, in every region but those to practise in).

    A retiree starts only where no employer does it for them (JLG-002, JLG-003), or where the
    process is for employees, too (ZY-015).
    """
    with runtime.reading() as session:
        own = _own_regions(session, actor) if actor.kind == "person" else None
        releases = _active(runtime, session)
        if actor.kind == "unit" and not everywhere:
            at_home = _regions_of_people(session, actor)
            releases = [
                release
                for release in releases
                if (release.config.code in at_home if at_home else not release.config.practice)
            ]
        return [
            (release.config, process, rule)
            for release in releases
            for process, rule in release.config.processes.items()
            if actor.entry in rule.entries
            and actor.may_use(release.config.code, process)
            and (own is None or _may_apply(own, release.config.code, rule))
            and (actor.kind != "staff" or actor.serves(rule.staff_roles, release.config.code))
        ]


def left_to_unit(runtime: Runtime, actor: Actor, region: str, process: str) -> bool:
    """Whether retirees apply for this by themselves, but the actor's employer does it for them."""
    if actor.kind != "person":
        return False
    with runtime.reading() as session:
        own = _own_regions(session, actor)
        rules = [
            release.config.processes.get(process)
            for release in _active(runtime, session)
            if release.config.code == region
        ]
    return (region, "employee") in own and any(rule and "person" in rule.entries for rule in rules)


def steps(runtime: Runtime, actor: Actor) -> Sequence[tuple[str, str]]:
    """The steps of diagrams in use that are the actor's work: (element, title), each once."""
    found: dict[str, str] = {}
    for release in active_releases(runtime):
        lanes = release.config.lanes
        for process in release.pack.processes.values():
            for node in process.nodes.values():
                lane = lanes.get(node.lane or "")
                role: str | None = lane.role if node.kind == "userTask" and lane else None
                if node.operation:  # at its agency's desk, should that have no interface
                    role = release.config.desk_of(node.operation.split("/")[0])
                if role and actor.serves({role}, release.config.code):
                    found[node.id] = node.name
    return list(found.items())


def _active(runtime: Runtime, session: Session) -> list[LoadedRelease]:
    rows = session.execute(
        select(RegionActivation.region, RegionActivation.release_id)
        .where(RegionActivation.active_from <= runtime.clock.now())
        .order_by(RegionActivation.active_from, RegionActivation.id)
    )
    newest = dict(rows.all())
    return [runtime.releases.get(session, newest[region]) for region in sorted(newest)]


def _own_regions(session: Session, actor: Actor) -> set[tuple[str, str]]:
    """Where the person has a file, and as what they are insured there."""
    rows = session.execute(
        select(PersonFile.region, PersonFile.employment).where(PersonFile.id.in_(actor.files))
    )
    return {(row.region, row.employment) for row in rows}


def _regions_of_people(session: Session, actor: Actor) -> set[str]:
    """Where a unit employs somebody, or keeps somebody's archive."""
    of_unit = or_(PersonFile.unit_id.in_(actor.units), PersonFile.custodian_id == actor.unit_id)
    return set(session.scalars(select(PersonFile.region).where(of_unit).distinct()))


def _may_apply(own: set[tuple[str, str]], region: str, rule: ProcessRule) -> bool:
    return any(
        place == region and (rule.employees or employment != "employee")
        for place, employment in own
    )
