"""Which column and row every element of a process stands in.

Columns follow the longest way from the start; rows keep a way straight as long as it can be.
Boundary events sit on the lower edge of their host.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.packs.diagram import Flow, Node, Process

COLUMN, ROW = 150, 120
POOL_X, POOL_Y, POOL_HEAD, LANE_HEAD = 160, 80, 30, 30
MARGIN = 40
_SIZES = {"Event": (36, 36), "Gateway": (50, 50)}
TASK = (100, 80)


@dataclass(frozen=True)
class Box:
    """A rectangle on the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def cx(self) -> float:
        """The middle from left to right."""
        return self.x + self.width / 2

    @property
    def cy(self) -> float:
        """The middle from top to bottom."""
        return self.y + self.height / 2

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share some area."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Placement:
    """Where everything stands: elements, lanes, the pool."""

    nodes: Mapping[str, Box]
    lanes: Mapping[str, Box]
    pool: Box


def size_of(node: Node) -> tuple[int, int]:
    """Width and height of an element's shape."""
    return next((size for end, size in _SIZES.items() if node.kind.endswith(end)), TASK)


def place(process: Process, lanes: Sequence[str]) -> Placement:
    """Find a place for every element.

    Args:
        process: without embedded sub-processes.
        lanes: names of the lanes, top to bottom.
    """
    nodes = {n.id: n for n in process.nodes.values()}
    flows = _forward(nodes, process.flows)
    columns = _columns(nodes, flows)
    rows, heights = _rows(nodes, flows, columns, lanes)
    tops, lane_boxes, y = {}, {}, float(POOL_Y)
    width = POOL_HEAD + LANE_HEAD + MARGIN * 2 + (max(columns.values(), default=0) + 1) * COLUMN
    for lane in lanes:
        tops[lane] = y
        height = heights[lane] * ROW + MARGIN
        lane_boxes[lane] = Box(POOL_X + POOL_HEAD, y, width - POOL_HEAD, height)
        y += height
    boxes = {
        node.id: _box(node, columns[node.id], rows[node.id], tops[node.lane or lanes[0]])
        for node in nodes.values()
        if node.attached_to is None
    }
    boxes |= _boundaries(nodes, boxes)
    return Placement(boxes, lane_boxes, Box(POOL_X, POOL_Y, width, y - POOL_Y))


def _box(node: Node, column: int, row: int, top: float) -> Box:
    width, height = size_of(node)
    cx = POOL_X + POOL_HEAD + LANE_HEAD + MARGIN + column * COLUMN + COLUMN / 2
    cx = round(cx / 10) * 10
    cy = round((top + MARGIN / 2 + row * ROW + ROW / 2) / 10) * 10
    return Box(cx - width / 2, cy - height / 2, width, height)


def _boundaries(nodes: Mapping[str, Node], boxes: Mapping[str, Box]) -> dict[str, Box]:
    on: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        if node.attached_to is not None:
            on[node.attached_to].append(node)
    found = {}
    for host, events in on.items():
        box = boxes[host]
        for number, node in enumerate(events, 1):
            step = max(40, box.width / (len(events) + 1))
            cx = round((box.cx + step * (number - (len(events) + 1) / 2)) / 10) * 10
            found[node.id] = Box(cx - 18, box.y + box.height - 18, 36, 36)
    return found


def _forward(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> list[tuple[str, str]]:
    """Pairs of elements that follow one another, ways back left out; boundaries follow hosts."""
    following: dict[str, list[str]] = defaultdict(list)
    for node in nodes.values():
        if node.attached_to is not None:
            following[node.attached_to].append(node.id)
    for flow in flows:
        following[flow.source].append(flow.target)
    forward: list[tuple[str, str]] = []
    done: set[str] = set()
    for start in [n.id for n in nodes.values() if n.kind == "startEvent"] + list(nodes):
        _walk(start, following, done, forward)
    return forward


def _walk(
    start: str,
    following: Mapping[str, Sequence[str]],
    done: set[str],
    forward: list[tuple[str, str]],
) -> None:
    """Depth first without recursion; a pair that leads to an open element is a way back."""
    if start in done:
        return
    opened = {start}
    stack = [(start, iter(following.get(start, ())))]
    while stack:
        here, rest = stack[-1]
        ahead = next(rest, None)
        if ahead is None:
            stack.pop()
            opened.discard(here)
            done.add(here)
        elif ahead not in opened:
            forward.append((here, ahead))
            if ahead not in done:
                opened.add(ahead)
                stack.append((ahead, iter(following.get(ahead, ()))))


def _columns(nodes: Mapping[str, Node], forward: Sequence[tuple[str, str]]) -> dict[str, int]:
    columns = dict.fromkeys(nodes, 0)
    for _ in range(len(nodes)):
        changed = False
        for source, target in forward:
            step = 0 if nodes[target].attached_to is not None else 1
            if columns[target] < columns[source] + step:
                columns[target] = columns[source] + step
                changed = True
        if not changed:
            break
    return columns


def _rows(
    nodes: Mapping[str, Node],
    forward: Sequence[tuple[str, str]],
    columns: Mapping[str, int],
    lanes: Sequence[str],
) -> tuple[dict[str, int], dict[str, int]]:
    """Row of every element within its lane, and how many rows each lane needs."""
    taken: set[tuple[str, int, int]] = set()
    rows: dict[str, int] = {}
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in forward:
        before[target].append(source)
    depth = _depth(nodes, forward)
    order = sorted(
        (n for n in nodes.values() if n.attached_to is None),
        key=lambda n: (columns[n.id], -depth[n.id]),
    )
    for node in order:
        lane, column = node.lane or lanes[0], columns[node.id]
        sources = [nodes[s] for s in before[node.id]]
        hosts = [nodes[s.attached_to] if s.attached_to else s for s in sources]
        same = [h for h in hosts if (h.lane or lanes[0]) == lane and h.id in rows]
        wanted = min((rows[h.id] for h in same), default=0)
        if any(s.attached_to for s in sources) and same:
            wanted += 1  # below the boundary it comes from
        row, first = wanted, min((columns[h.id] for h in same), default=column - 1)
        while any((lane, row, c) in taken for c in range(min(first + 1, column), column + 1)):
            row += 1
        rows[node.id] = row
        way = range(min(first + 1, column), column + 1) if same and row == wanted else [column]
        taken.update((lane, row, c) for c in way)
    heights = dict.fromkeys(lanes, 1)
    for node in order:
        lane = node.lane or lanes[0]
        heights[lane] = max(heights[lane], rows[node.id] + 1)
    return rows, heights


def _depth(nodes: Mapping[str, Node], forward: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest way from an element to an end: the main way is the longest one."""
    depth = dict.fromkeys(nodes, 0)
    for _ in range(len(nodes)):
        changed = False
        for source, target in forward:
            if depth[source] < depth[target] + 1:
                depth[source] = depth[target] + 1
                changed = True
        if not changed:
            break
    return depth
