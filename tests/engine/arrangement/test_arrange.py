"""An arranged diagram means the same, shows everything, and hides nothing behind anything."""

from itertools import combinations, pairwise

import pytest

from engine.arrangement import arrange
from engine.arrangement.placement import Box, place
from engine.arrangement.routing import route
from engine.errors import Invalid, PackInvalid
from engine.packs.diagram import DRAWING, Process, read_processes, read_xml
from tests.stage import JILIN

DIAGRAMS = sorted(path for path in JILIN.files if path.endswith(".bpmn"))


@pytest.mark.parametrize("path", DIAGRAMS)
def test_only_the_drawing_changes(path: str) -> None:
    before = _read(path, JILIN.files[path])

    content = arrange(path, JILIN.files[path])

    assert _read(path, content) == before
    root = read_xml(path, content)
    drawn = {e.get("bpmnElement") for e in root.iter(f"{{{DRAWING}}}BPMNShape")}
    ways = {e.get("bpmnElement") for e in root.iter(f"{{{DRAWING}}}BPMNEdge")}
    assert set(before.nodes) <= drawn
    assert {flow.id for flow in before.flows} == ways


@pytest.mark.parametrize("path", DIAGRAMS)
def test_shapes_stand_apart_and_no_way_leads_through_one(path: str) -> None:
    process = _read(path, JILIN.files[path])
    lanes = sorted({node.lane or "" for node in process.nodes.values()})
    placement = place(process, lanes)
    ways = route(placement, process.nodes, process.flows)

    solid = {n.id: placement.nodes[n.id] for n in process.nodes.values() if not n.attached_to}
    assert [
        pair for pair in combinations(solid, 2) if solid[pair[0]].overlaps(solid[pair[1]])
    ] == []
    for flow in process.flows:
        hosts = {process.nodes[end].attached_to for end in (flow.source, flow.target)}
        others = solid.keys() - {flow.source, flow.target, *hosts}
        assert [one for one in others if _crosses(ways[flow.id], solid[one])] == [], flow.id


def test_a_file_without_lanes_is_refused_in_words() -> None:
    bare = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
        b'<process id="p" isExecutable="true"><startEvent id="s"/></process></definitions>'
    )
    with pytest.raises(Invalid, match="泳道"):
        arrange("bare.bpmn", bare)


def test_a_file_that_is_no_diagram_is_refused() -> None:
    with pytest.raises(PackInvalid):
        arrange("x.bpmn", b"not xml")


def _read(path: str, content: bytes) -> Process:
    return next(iter(read_processes(path, read_xml(path, content))))


def _crosses(way: list[tuple[float, float]], box: Box) -> bool:
    for (x1, y1), (x2, y2) in pairwise(way):
        piece = Box(min(x1, x2), min(y1, y2), abs(x1 - x2) + 0.1, abs(y1 - y2) + 0.1)
        if piece.overlaps(box):
            return True
    return False
