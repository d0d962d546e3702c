"""办事指南: all a region's settings say to the public, so that the guide cannot drift (JL-055)."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine.clock import office_date
from engine.contents import Content
from engine.errors import NotFound
from engine.models import AgencySetting, Office
from engine.packs.diagram import Node, Process
from engine.packs.region import GuideRule
from engine.packs.release import LoadedRelease
from engine.queries.contents import contents_for
from engine.runtime import Runtime

_STEPS = frozenset({"userTask", "serviceTask"})


@dataclass(frozen=True)
class Place:
    """Where people go or call."""

    title: str
    address: str
    hours: str
    phone: str


@dataclass(frozen=True)
class Part:
    """A process of the matter: its diagram and, in words, who does what one after the other."""

    process: str
    title: str
    steps: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class GuidePage:
    """The guide of a region, from what is in force today."""

    release: LoadedRelease
    rule: GuideRule
    entries: Sequence[str]
    parts: Sequence[Part]
    places: Sequence[Place]
    contents: Sequence[Content]


def guide_page(runtime: Runtime, region: str) -> GuidePage:
    """Read the guide of a region.

    Raises:
        NotFound: the region takes no cases, or has no ``[guide]``.
    """
    with runtime.reading() as session:
        now = runtime.clock.now()
        release = runtime.releases.active(session, region, now)
        rule = release.config.guide
        if rule is None:
            raise NotFound("本地区没有公布办事指南。")
        settings = session.scalars(
            select(AgencySetting).where(AgencySetting.region == region)
        ).all()
        offices = session.scalars(
            select(Office).where(Office.region == region).order_by(Office.parent, Office.code)
        ).all()
        contents = contents_for(runtime, session, release.config, rule.process)
    today = office_date(now)
    live = {one.agency: one for one in settings}
    agencies = [live[code] for code in release.config.agencies if code in live]
    places = [
        Place(one.title, one.address, one.hours, one.phone) for one in agencies if one.address
    ]
    places += [
        Place(one.title, one.address, "", one.phone)
        for one in offices
        if (one.address or one.phone)
        and (one.valid_from or today) <= today <= (one.valid_to or today)
    ]
    entries = list(release.config.processes[rule.process].entries.values())
    return GuidePage(release, rule, entries, list(_parts(release, rule.process)), places, contents)


def _parts(release: LoadedRelease, main: str) -> Iterator[Part]:
    for process in release.pack.called_from(main):
        drawn = release.pack.processes[process]
        steps = [
            (_who(release, node), node.name) for node in in_order(drawn) if node.kind in _STEPS
        ]
        yield Part(process, drawn.name, steps)


def _who(release: LoadedRelease, node: Node) -> str:
    """Who does a step: its lane, or the agency that is asked where the lane is the system's."""
    lanes = release.config.lanes
    lane = lanes.get(node.lane or "")
    if lane is not None and lane.role == "system" and node.operation:
        agency = release.config.agencies.get(node.operation.split("/")[0])
        return agency.title if agency else node.lane or ""
    return node.lane or ""


def in_order(process: Process) -> list[Node]:
    """The nodes of a process in the order in which a case may come to them."""
    after: dict[str, list[str]] = {}
    for flow in process.flows:
        after.setdefault(flow.source, []).append(flow.target)
    for node in process.nodes.values():
        if node.attached_to:
            after.setdefault(node.attached_to, []).append(node.id)
    waiting = deque(node.id for node in process.nodes.values() if node.kind == "startEvent")
    seen: dict[str, Node] = {}
    while waiting:
        one = waiting.popleft()
        if one not in seen and one in process.nodes:
            seen[one] = process.nodes[one]
            waiting.extend(after.get(one, ()))
    return list(seen.values())
