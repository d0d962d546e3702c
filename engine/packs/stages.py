"""阶段: in which stage of a matter an element of the diagrams stands (ZY-035)."""

from collections.abc import Iterator, Mapping

from engine.packs.diagram import Node
from engine.packs.region import StageRule

#: What people see of a case while it waits there, or are told when it is passed.
VISIBLE = frozenset(
    {"userTask", "serviceTask", "sendTask", "receiveTask", "intermediateCatchEvent"}
)


def stages_of(stages: Mapping[str, StageRule], node: Node) -> list[str]:
    """The codes of the stages that claim an element, by the most exact word that any of them has.

    Exactly one in a region that was checked; none outside the processes that have stages.
    """
    for claims in (f"{node.process}/{node.id}", node.process):
        if found := [code for code, stage in stages.items() if claims in stage.elements]:
            return found
    return [code for code, stage in stages.items() if node.lane in stage.lanes]


def in_order(stages: Mapping[str, StageRule]) -> Iterator[tuple[str, StageRule]]:
    """The stages, first to last."""
    yield from sorted(stages.items(), key=lambda one: one[1].order)
