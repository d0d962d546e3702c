"""Where names stand: beside what they name, and where they cover the least."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from engine.arrangement.placement import Box, Placement
from engine.arrangement.routing import Point
from engine.packs.diagram import Flow, Node

#: A Chinese character of the viewer's label font, and a line of it.
CHARACTER, LINE, WIDEST = 11.5, 14, 90
_NAMED_OUTSIDE = ("Event", "Gateway")


def label(
    placement: Placement,
    nodes: Mapping[str, Node],
    flows: Sequence[Flow],
    ways: Mapping[str, Sequence[Point]],
) -> dict[str, Box]:
    """Find a place for the name of every flow, event and gateway that has one."""
    solid = list(placement.nodes.values())
    lines = [box for way in ways.values() for box in _pieces(way)]
    found: dict[str, Box] = {}
    for flow in flows:
        if flow.name:
            places = list(_along(ways[flow.id], *_measure(flow.name)))
            found[flow.id] = _freest(places, [*solid, *found.values()], lines)
    for node in nodes.values():
        if node.name and node.kind.endswith(_NAMED_OUTSIDE):
            box = placement.nodes[node.id]
            places = list(_around(box, *_measure(node.name)))
            others = [one for one in solid if one is not box]
            found[node.id] = _freest(places, [*others, *found.values()], lines)
    return found


def _measure(name: str) -> tuple[float, float]:
    width = sum(CHARACTER if ord(c) > 255 else CHARACTER / 2 for c in name)
    rows = -(-int(width) // WIDEST)
    return min(width, WIDEST) + 2, max(rows, 1) * LINE


def _around(box: Box, width: float, height: float) -> Iterator[Box]:
    below, above = box.y + box.height + 4, box.y - height - 4
    right, left = box.x + box.width + 4, box.x - width - 4
    yield Box(box.cx - width / 2, below, width, height)
    yield Box(box.cx - width / 2, above, width, height)
    for x in (right - 8, left + 8):
        for y in (below - 6, above + 6):
            yield Box(x, y, width, height)
    yield Box(right, box.cy - height / 2, width, height)
    yield Box(left, box.cy - height / 2, width, height)


def _along(way: Sequence[Point], width: float, height: float) -> Iterator[Box]:
    """Beside the first piece, then the others: a branch is read where it begins."""
    for (x1, y1), (x2, y2) in itertools.pairwise(way):
        if y1 == y2:
            begin = x1 + 6 if x2 > x1 else x1 - width - 6
            middle = (x1 + x2) / 2 - width / 2
            for x in (begin, middle):
                yield Box(x, y1 - height - 3, width, height)
                yield Box(x, y1 + 3, width, height)
        else:
            y = y1 + 6 if y2 > y1 else y1 - height - 6
            yield Box(x1 + 5, y, width, height)
            yield Box(x1 - width - 5, y, width, height)


def _pieces(way: Sequence[Point]) -> Iterator[Box]:
    for (x1, y1), (x2, y2) in itertools.pairwise(way):
        yield Box(min(x1, x2), min(y1, y2), abs(x1 - x2) + 1, abs(y1 - y2) + 1)


def _freest(places: Sequence[Box], solid: Sequence[Box], lines: Sequence[Box]) -> Box:
    def covered(place: Box) -> int:
        shapes = sum(place.overlaps(box) for box in solid)
        return shapes * 10 + sum(place.overlaps(box) for box in lines)

    return min(places, key=covered)  # the first of equals: the best kind of place comes first
