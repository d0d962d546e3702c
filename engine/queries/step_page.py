"""Why a step is there: what it fulfils, which way led to it, and what was promised for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.access import Actor
from engine.errors import DiagramFault, NotFound
from engine.file_record import work_out
from engine.models import Case, Deadline
from engine.packs.clauses import Clause
from engine.packs.diagram import Node
from engine.packs.region import DeadlineRule, Lane
from engine.packs.release import LoadedRelease
from engine.queries.case_page import CasePage, case_page
from engine.runtime import Runtime
from engine.way import Decision, way_to


@dataclass(frozen=True)
class Reason:
    """A decision on the way.

    ``holds``: whether its condition is still true with the case's present data; ``None`` when it
    has none or looks at what only its own moment knew.
    """

    decision: Decision
    holds: bool | None


@dataclass(frozen=True)
class StepPage:
    """One element of a case and why it is there.

    ``clauses`` come from the element and from what stands behind it: its form, the notice it
    sends, its promise, the item it runs for. ``deadlines`` are those its promise started here.
    """

    case: Case
    release: LoadedRelease
    sections: Mapping[str, Mapping[str, Any]]
    process_title: str
    node: Node
    lane: Lane | None
    reached: bool
    clauses: Sequence[Clause]
    way: Sequence[Reason]
    rule: DeadlineRule | None
    deadlines: Sequence[Deadline]


def step_page(
    runtime: Runtime, case_no: str, element: str, actor: Actor, process: str = ""
) -> StepPage:
    """Explain an element of a case.

    Args:
        process: the process it stands in; left out, the first that has it and was reached.

    Raises:
        NotFound: no such case or element, or not the actor's to see.
    """
    page = case_page(runtime, case_no, actor)
    node = _node(page, process, element)
    pack, config = page.release.pack, page.release.config
    trail = {pair: order for order, pair in enumerate(page.trail)}
    current = {(d.process, e) for d in page.drawings for e in d.current}
    here = (node.process, node.id)
    code = node.properties.get("deadline", "")
    return StepPage(
        case=page.case,
        release=page.release,
        sections=page.sections,
        process_title=pack.process_title(node.process),
        node=node,
        lane=config.lanes.get(node.lane or ""),
        reached=here in {*trail, *current},
        clauses=_clauses(page.release, node),
        way=[
            Reason(decision, _holds(runtime, page, decision))
            for decision in way_to(
                pack.processes, trail, page.case.process, here, waiting=here in current
            )
        ],
        rule=config.deadlines.get(code),
        deadlines=[clock for clock in page.deadlines if clock.code == code],
    )


def _node(page: CasePage, process: str, element: str) -> Node:
    pack = page.release.pack
    called = [process] if process else pack.called_from(page.case.process)
    drawn = [pack.processes[one] for one in called if one in pack.processes]
    having = [one for one in drawn if element in one.nodes]
    if not having:
        raise NotFound(f"办件 {page.case.no} 的流程图中没有这个环节。")
    passed = {*page.trail, *((d.process, e) for d in page.drawings for e in d.current)}
    reached = [one for one in having if (one.id, element) in passed]
    return (reached or having)[0].nodes[element]


def _clauses(release: LoadedRelease, node: Node) -> list[Clause]:
    pack, config = release.pack, release.config
    named = node.properties.get("clauses", "").split()
    rules: list[Any] = [
        config.deadlines.get(node.properties.get("deadline", "")),
        config.items.get(node.properties.get("item", "")),
        config.notices.get(node.properties.get("notice", "")),
    ]
    for rule in rules:
        named += rule.clauses if rule is not None else []
    form = node.properties.get("formJsonSchemaFilename")
    if form:
        named += pack.form(form.removesuffix(".schema.json")).schema.get("x-clauses", [])
    return [pack.clauses[one] for one in dict.fromkeys(named) if one in pack.clauses]


def _holds(runtime: Runtime, page: CasePage, decision: Decision) -> bool | None:
    if not decision.condition:
        return None
    data: dict[str, Any] = dict(page.sections)
    if decision.item:
        prefix = f"{decision.item}."
        own = {n.removeprefix(prefix): s for n, s in data.items() if n.startswith(prefix)}
        data["this"] = own
    try:
        return bool(work_out(runtime, page.release, decision.condition, data))
    except DiagramFault:  # it looks at a local, which is gone
        return None
