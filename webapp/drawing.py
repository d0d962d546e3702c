"""A diagram as a picture, drawn by the server: read and printed without scripts."""

from collections.abc import Iterator
from html import escape
from math import ceil
from typing import NamedTuple

from lxml import etree
from markupsafe import Markup

from engine.packs.diagram import DRAWING, MODEL, Node, Process, read_xml

_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DI = "{http://www.omg.org/spec/DD/20100524/DI}"
_SIZE, _LINE = 12, 15  # of letters, in the units of the diagram
_MARGIN = 10


class Box(NamedTuple):
    """Where something stands."""

    x: float
    y: float
    width: float
    height: float


def picture(process: Process, content: bytes) -> Markup:
    """Draw a process as its file arranges it; its title and steps are told beside it in words."""
    root = read_xml(process.file, content)
    boxes, labels, ways = _read(root)
    names = {one.get("id", ""): one.get("name", "") for one in root.iter(f"{{{MODEL}}}lane")}
    flows = {flow.id: flow for flow in process.flows}
    parts = [*_lanes(boxes, names)]
    for one, way in ways.items():
        parts += _flow(way, labels.get(one), flows[one].name if one in flows else "")
    for node in process.nodes.values():
        if node.id in boxes:
            parts += _node(node, boxes[node.id], labels.get(node.id))
    area = _area([*boxes.values(), *labels.values()])
    view = f"{area.x:g} {area.y:g} {area.width:g} {area.height:g}"
    drawn = (
        f'<svg class="app-picture" viewBox="{view}" width="{area.width:g}" role="img"'
        f' aria-label="{escape(process.name)}流程图" xmlns="http://www.w3.org/2000/svg">'
        f'<defs><marker id="arrow-{process.id}" viewBox="0 0 10 10" refX="9" refY="5"'
        ' markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L10 5L0 10z" fill="#3e4c59"/>'
        f'</marker></defs><g lang="zh-CN">{"".join(parts)}</g></svg>'
    )
    return Markup(drawn.replace("url(#arrow)", f"url(#arrow-{process.id})"))  # noqa: S704 - escaped


def _read(
    root: etree._Element,
) -> tuple[dict[str, Box], dict[str, Box], dict[str, list[tuple[float, float]]]]:
    boxes, labels, ways = {}, {}, {}
    for shape in root.iter(f"{{{DRAWING}}}BPMNShape", f"{{{DRAWING}}}BPMNEdge"):
        element = shape.get("bpmnElement", "")
        if (bounds := shape.find(f"{_DC}Bounds")) is not None:
            boxes[element] = _box(bounds)
        if (bounds := shape.find(f"{{{DRAWING}}}BPMNLabel/{_DC}Bounds")) is not None:
            labels[element] = _box(bounds)
        points = shape.findall(f"{_DI}waypoint")
        if points:
            ways[element] = [(float(p.get("x", 0)), float(p.get("y", 0))) for p in points]
    return boxes, labels, ways


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(name, 0)) for name in ("x", "y", "width", "height")))


def _area(boxes: list[Box]) -> Box:
    left, top = min(b.x for b in boxes) - _MARGIN, min(b.y for b in boxes) - _MARGIN
    right = max(b.x + b.width for b in boxes) + _MARGIN
    bottom = max(b.y + b.height for b in boxes) + _MARGIN
    return Box(left, top, right - left, bottom - top)


def _lanes(boxes: dict[str, Box], names: dict[str, str]) -> Iterator[str]:
    for one, name in names.items():
        if (box := boxes.get(one)) is None:
            continue
        yield _rectangle(box, "#ffffff", "#9aa5b1")
        x, y = box.x + 15, box.y + box.height / 2
        yield (
            f'<text x="{x:g}" y="{y:g}" transform="rotate(-90 {x:g} {y:g})" text-anchor="middle"'
            f' font-size="{_SIZE}" fill="#323f4b">{escape(name)}</text>'
        )


def _flow(way: list[tuple[float, float]], label: Box | None, name: str) -> Iterator[str]:
    points = " ".join(f"{x:g},{y:g}" for x, y in way)
    yield (f'<polyline points="{points}" fill="none" stroke="#3e4c59" marker-end="url(#arrow)"/>')
    if label and name:
        yield from _words(name, label)


def _node(node: Node, box: Box, label: Box | None) -> Iterator[str]:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    if node.kind.endswith("Event"):
        heavy = 3 if node.kind == "endEvent" else 1.5
        yield (
            f'<circle cx="{x:g}" cy="{y:g}" r="{box.width / 2:g}" fill="#f5f7fa" stroke="#323f4b"'
            f' stroke-width="{heavy}"/>'
        )
    elif node.kind.endswith("Gateway"):
        corners = f"{x:g},{box.y:g} {box.x + box.width:g},{y:g} {x:g},{box.y + box.height:g}"
        yield (f'<polygon points="{corners} {box.x:g},{y:g}" fill="#fff7e0" stroke="#8a6100"/>')
    else:
        heavy = 3 if node.kind == "callActivity" else 1
        yield _rectangle(box, "#e8f0fa", "#1557a6", 6, heavy)
        yield from _words(node.name, Box(box.x + 5, box.y, box.width - 10, box.height))
        return
    if node.name:
        below = label or Box(x - 45, box.y + box.height + 2, 90, _LINE)
        yield from _words(node.name, below, from_top=below.y >= box.y + box.height)


def _rectangle(box: Box, fill: str, stroke: str, round_: int = 0, heavy: int = 1) -> str:
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
        f' rx="{round_}" fill="{fill}" stroke="{stroke}" stroke-width="{heavy}"/>'
    )


def _words(text: str, box: Box, *, from_top: bool = False) -> Iterator[str]:
    """Text in the middle of a box, or from its top on; its lines are about equally long."""
    fit = max(int(box.width // _SIZE), 4)
    rows = max(ceil(len(text) / fit), 1)
    length = ceil(len(text) / rows)
    x, y = box.x + box.width / 2, box.y + box.height / 2 - (rows - 1) * _LINE / 2 + _SIZE / 3
    y = box.y + _SIZE if from_top else y
    for row in range(rows):
        part = escape(text[row * length : (row + 1) * length])
        yield (
            f'<text x="{x:g}" y="{y + row * _LINE:g}" text-anchor="middle" font-size="{_SIZE}"'
            f' fill="#1f2933">{part}</text>'
        )
