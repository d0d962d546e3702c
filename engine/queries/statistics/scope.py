"""Whose figures, of when: what somebody may look at, narrowed to what they asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine.access import Actor
from engine.calendar import DAY, WorkCalendar
from engine.clock import at, office_date
from engine.errors import Forbidden, NotFound
from engine.models import Office
from engine.packs.region import RegionConfig
from engine.queries.regions import active_releases
from engine.queries.statistics.period import Period, read_period
from engine.runtime import Runtime

#: Who may always look, in their region or office; ``statistics.roles`` adds to them.
ALWAYS = frozenset({"admin", "si_supervisor"})


@dataclass(frozen=True)
class Filters:
    """What a page of figures is narrowed to, as it stands in the address; empty means all.

    ``office`` counts with the offices below it, ``at`` is one office alone (``-``: none at all).
    ``near``: within how many working days something falls due that is called at risk.
    """

    region: str = ""
    period: str = "month"
    first: str = ""
    last: str = ""
    office: str = ""
    process: str = ""
    item: str = ""
    near: str = ""
    at: str = ""

    def query(self, **other: str) -> dict[str, Any]:
        """As the arguments of an address, with some of them otherwise."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in {**own, **other}.items() if value}


@dataclass(frozen=True)
class Reach:
    """A region somebody may see figures of: as a whole, or (``offices``) these offices only."""

    config: RegionConfig
    offices: frozenset[str] | None


@dataclass(frozen=True)
class Scope:
    """What is counted: whose cases, of when, and what today is.

    Args:
        processes: those whose cases count.
        offices: homes of the cases; ``None``: wherever they are at home, or nowhere.
        near: working days within which something that falls due is at risk.
        titles: office → its title, of the whole region.
        reach: offices the actor may choose among; ``None``: all.
    """

    config: RegionConfig
    calendar: WorkCalendar
    period: Period
    now: datetime
    near: int
    processes: tuple[str, ...]
    offices: frozenset[str] | None
    titles: Mapping[str, str]
    reach: frozenset[str] | None
    filters: Filters = field(default_factory=Filters)

    @property
    def today(self) -> date:
        """Today, in an office."""
        return office_date(self.now)

    @property
    def until(self) -> date:
        """The last day that figures can be about: of the period, or today."""
        return max(self.period.first, min(self.period.last, self.today))

    @property
    def horizon(self) -> datetime:
        """The instant until which what falls due is at risk."""
        day, _ = self.calendar.add_working_days(self.today, self.near)
        return at(day + DAY)


def reaches(runtime: Runtime, actor: Actor) -> dict[str, Reach]:
    """The regions whose figures somebody may see, by code."""
    found = {}
    for release in active_releases(runtime) if actor.kind == "staff" else ():
        config = release.config
        roles = ALWAYS | set(config.statistics.roles)
        offices = actor.offices(roles, config.code)
        if offices:
            found[config.code] = Reach(config, None if "" in offices else offices)
    return found


def scope_of(runtime: Runtime, actor: Actor, filters: Filters) -> Scope:
    """What the filters mean for this actor.

    Raises:
        Forbidden: the actor may see no figures at all.
        NotFound: the region or office is not one of theirs.
        Invalid: the period cannot be read.
    """
    mine = reaches(runtime, actor)
    if not mine:
        raise Forbidden("您的岗位没有查看统计的权限。")
    reach = mine.get(filters.region or next(iter(mine)))
    if reach is None:
        raise NotFound
    config, now = reach.config, runtime.clock.now()
    with runtime.reading() as session:
        rows = session.execute(
            select(Office.code, Office.title, Office.parent).where(Office.region == config.code)
        ).all()
    parents = {code: parent for code, _, parent in rows}
    offices = reach.offices
    if filters.office:
        below = frozenset(_below(filters.office, parents))
        offices = below if offices is None else below & offices
        if not offices:
            raise NotFound
    counted = counted_processes(config)
    return Scope(
        config=config,
        calendar=runtime.calendars[config.calendar],
        period=read_period(filters.period, filters.first, filters.last, office_date(now)),
        now=now,
        near=_near(filters.near, config.statistics.near_working_days),
        processes=tuple(one for one in counted if filters.process in ("", one)),
        offices=offices,
        titles={code: title for code, title, _ in rows},
        reach=reach.offices,
        filters=filters,
    )


def counted_processes(config: RegionConfig) -> list[str]:
    """The processes whose cases count: those the region names, or those people can start."""
    startable = [name for name, rule in config.processes.items() if rule.entries]
    return list(config.statistics.processes) or startable or list(config.processes)


def _near(asked: str, default: int) -> int:
    return min(60, int(asked[:4])) if asked.isdecimal() and int(asked[:4]) else default


def _below(office: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """An office and those below it, however deep; a circle has no end of its own."""
    if office not in parents:
        return
    found, wave = {office}, {office}
    while wave:
        wave = {code for code, parent in parents.items() if parent in wave} - found
        found |= wave
    yield from found
