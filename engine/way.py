"""How a case came to an element: the decisions on the way it actually took, first to last.

Walks back along the sequence flows that were passed. A flow keeps only the order of its last
passing, so of two ways into an element the one taken last before it counts. What a called process
decided inside is told by its outcome, except for the process in which the way ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.expressions import reads
from engine.packs.diagram import Flow, Node, Process

#: Passed pairs (process, element or flow) → their order.
Trail = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Decision:
    """A fork of the way: a gateway and the branch taken, or an event that broke in.

    Args:
        question: what the gateway asks, or where the event broke in.
        answer: the words on the branch, or the event's name.
        condition: of the branch; empty for an event or a default branch.
        others: for a default branch, the conditions that did not hold.
        item: the joint item whose process it stands in; ``this`` means its sections.
    """

    process: str
    element: str
    kind: str
    question: str
    answer: str
    condition: str = ""
    others: tuple[str, ...] = ()
    item: str | None = None

    @property
    def looked_at(self) -> list[tuple[str, str]]:
        """(section, field) of everything the decision depended on."""
        found = [path for source in (self.condition, *self.others) for path in reads(source)]
        named = [f"{self.item}.{path[5:]}" if path.startswith("this.") else path for path in found]
        return [(path.rpartition(".")[0], path.rpartition(".")[2]) for path in dict.fromkeys(named)]


def way_to(
    processes: Mapping[str, Process],
    trail: Trail,
    outermost: str,
    end: tuple[str, str],
    *,
    waiting: bool,
) -> list[Decision]:
    """The decisions before an element.

    Args:
        processes: of the case's release.
        trail: what was passed, in order.
        outermost: the case's own process; beyond it there is nothing.
        end: process and element where the way ends.
        waiting: whether the case waits there now: then the way is the last one, else the one
            before the element was last passed.
    """
    found: list[Decision] = []
    at = processes[end[0]].nodes[end[1]]
    before = len(trail) if waiting else trail.get(end, len(trail))
    seen: set[tuple[str, str]] = set()
    while (at.process, at.id) not in seen:
        seen.add((at.process, at.id))
        drawn = processes[at.process]
        host = drawn.nodes.get(at.attached_to or "")
        if host is not None:
            found.append(_broke_in(processes, at, host))
            at = host
            continue
        flow = _taken(drawn, at, trail, before)
        if flow is not None:
            source = drawn.nodes[flow.source]
            found += _decided(processes, drawn, source, flow, at)
            at, before = source, trail[drawn.id, flow.id]
            continue
        around = drawn.nodes.get(at.scope) or (
            None if at.process == outermost else _caller(processes, trail, at.process)
        )
        if around is None:
            break
        at = around
    return found[::-1]


def item_around(processes: Mapping[str, Process], process: str) -> str | None:
    """The joint item a called process runs for."""
    seen = {process}
    line = [process]
    for called in line:  # grows while we read it
        for caller in _callers(processes, called):
            if item := caller.properties.get("item"):
                return item
            if caller.process not in seen:
                seen.add(caller.process)
                line.append(caller.process)
    return None


def _taken(drawn: Process, at: Node, trail: Trail, before: int) -> Flow | None:
    """The flow by which the element was entered: the last one before, else the last of all."""
    into = [f for f in drawn.flows if f.target == at.id and (drawn.id, f.id) in trail]
    earlier = [f for f in into if trail[drawn.id, f.id] < before]
    return max(earlier or into, key=lambda f: trail[drawn.id, f.id], default=None)


def _decided(
    processes: Mapping[str, Process], drawn: Process, source: Node, flow: Flow, target: Node
) -> list[Decision]:
    branches = [f for f in drawn.flows if f.source == source.id]
    if not source.kind.endswith("Gateway") or source.kind == "parallelGateway":
        return []
    if len(branches) < 2:
        return []
    waits = source.kind == "eventBasedGateway"
    return [
        Decision(
            process=drawn.id,
            element=source.id,
            kind=source.kind,
            question=source.name or "分支",
            answer=target.name if waits else flow.name or target.name,
            condition=flow.condition or "",
            others=()
            if flow.condition or waits
            else tuple(f.condition for f in branches if f.condition),
            item=item_around(processes, drawn.id),
        )
    ]


def _broke_in(processes: Mapping[str, Process], event: Node, host: Node) -> Decision:
    item = host.properties.get("item") or item_around(processes, event.process)
    return Decision(event.process, event.id, event.kind, host.name, event.name, item=item)


def _caller(processes: Mapping[str, Process], trail: Trail, process: str) -> Node | None:
    """The call activity the process was called from: one that was entered."""
    callers = _callers(processes, process)
    entered = [
        node
        for node in callers
        if any(
            flow.target == node.id and (node.process, flow.id) in trail
            for flow in processes[node.process].flows
        )
    ]
    return next(reversed(entered or callers), None)


def _callers(processes: Mapping[str, Process], process: str) -> list[Node]:
    return [
        node
        for drawn in processes.values()
        for node in drawn.nodes.values()
        if node.called == process
    ]
