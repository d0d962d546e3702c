"""The arranged diagram as BPMN DI, written into the file in place of the old drawing."""

from collections.abc import Mapping, Sequence

from lxml import etree

from engine.arrangement.labelling import label
from engine.arrangement.placement import Box, Placement, place
from engine.arrangement.routing import Point, route
from engine.errors import Invalid
from engine.packs.diagram import DRAWING, MODEL, Process, read_processes, read_xml

DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"


def arrange(file: str, content: bytes) -> bytes:
    """Draw the process of a BPMN file anew; everything else in the file stays as it is.

    Args:
        file: name for messages.
        content: the file.

    Raises:
        PackInvalid: it is no BPMN file.
        Invalid: it has no lanes, more than one process, or embedded sub-processes.
    """
    root = read_xml(file, content)
    processes = list(read_processes(file, root))
    lanes = list(root.iter(f"{{{MODEL}}}lane"))
    if len(processes) != 1 or not lanes:
        raise Invalid(f"{file}：整理布局的文件应恰好有一个带泳道的流程。")
    process = processes[0]
    if any(node.kind == "subProcess" for node in process.nodes.values()):
        raise Invalid(f"{file}：含有嵌入子流程，暂不能整理布局。")
    names = [lane.get("name", "") for lane in lanes]
    placement = place(process, names)
    ways = route(placement, process.nodes, process.flows)
    labels = label(placement, process.nodes, process.flows, ways)
    _replace(root, process, placement, ways, labels)
    etree.indent(root, "  ")
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text + b"\n"


def _replace(
    root: etree._Element,
    process: Process,
    placement: Placement,
    ways: Mapping[str, Sequence[Point]],
    labels: Mapping[str, Box],
) -> None:
    for old in root.findall(f"{{{DRAWING}}}BPMNDiagram"):
        root.remove(old)
    pool = next(root.iter(f"{{{MODEL}}}participant"))
    collaboration = next(root.iter(f"{{{MODEL}}}collaboration"))
    diagram = etree.SubElement(
        root, f"{{{DRAWING}}}BPMNDiagram", {"id": f"{process.id}_diagram"},
        nsmap={"bpmndi": DRAWING, "dc": DC, "di": DI},
    )  # fmt: skip
    plane = etree.SubElement(
        diagram,
        f"{{{DRAWING}}}BPMNPlane",
        {"id": f"{process.id}_plane", "bpmnElement": collaboration.get("id", "")},
    )
    _shape(plane, pool.get("id", ""), placement.pool, None, isHorizontal="true")
    for lane in root.iter(f"{{{MODEL}}}lane"):
        box = placement.lanes[lane.get("name", "")]
        _shape(plane, lane.get("id", ""), box, None, isHorizontal="true")
    for node in process.nodes.values():
        marker = {"isMarkerVisible": "true"} if node.kind == "exclusiveGateway" else {}
        _shape(plane, node.id, placement.nodes[node.id], labels.get(node.id), **marker)
    for flow in process.flows:
        _edge(plane, flow.id, ways[flow.id], labels.get(flow.id))


def _shape(plane: etree._Element, element: str, box: Box, text: Box | None, **more: str) -> None:
    shape = etree.SubElement(
        plane,
        f"{{{DRAWING}}}BPMNShape",
        {"id": f"{element}_di", "bpmnElement": element, **more},
    )
    _bounds(shape, box)
    if text:
        _bounds(etree.SubElement(shape, f"{{{DRAWING}}}BPMNLabel"), text)


def _edge(plane: etree._Element, element: str, way: Sequence[Point], text: Box | None) -> None:
    edge = etree.SubElement(
        plane, f"{{{DRAWING}}}BPMNEdge", {"id": f"{element}_di", "bpmnElement": element}
    )
    for x, y in way:
        etree.SubElement(edge, f"{{{DI}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})
    if text:
        _bounds(etree.SubElement(edge, f"{{{DRAWING}}}BPMNLabel"), text)


def _bounds(parent: etree._Element, box: Box) -> None:
    values = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    etree.SubElement(parent, f"{{{DC}}}Bounds", {k: f"{v:g}" for k, v in values.items()})
