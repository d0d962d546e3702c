"""A scope of a diagram (a process or an embedded sub-process) as a graph to walk on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.packs.diagram import Flow, Node, Process


@dataclass
class Scope:
    """The nodes and flows that belong together directly."""

    process: Process
    id: str

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        return {n.id: n for n in self.process.nodes.values() if n.scope == self.id}

    @cached_property
    def flows(self) -> list[Flow]:
        return [f for f in self.process.flows if f.scope == self.id]

    @cached_property
    def outgoing(self) -> Mapping[str, list[Flow]]:
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.source].append(flow)
        return found

    @cached_property
    def incoming(self) -> Mapping[str, list[Flow]]:
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.target].append(flow)
        return found

    @cached_property
    def boundaries(self) -> Mapping[str, list[str]]:
        """Activity → its boundary events."""
        found: dict[str, list[str]] = defaultdict(list)
        for node in self.nodes.values():
            if node.attached_to:
                found[node.attached_to].append(node.id)
        return found

    def reach(self, starts: Iterable[str], without: str | None = None) -> set[str]:
        """What a token at ``starts`` can come to, ``starts`` included, not through ``without``."""
        seen: set[str] = set()
        pending = [start for start in starts if start != without]
        while pending:
            here = pending.pop()
            if here in seen or here not in self.nodes:
                continue
            seen.add(here)
            following = [flow.target for flow in self.outgoing.get(here, [])]
            following += self.boundaries.get(here, [])
            pending += [node for node in following if node != without]
        return seen


def scopes(process: Process) -> list[Scope]:
    """The process itself and its embedded sub-processes."""
    inner = [n.id for n in process.nodes.values() if n.kind == "subProcess"]
    return [Scope(process, scope) for scope in (process.id, *inner)]
