"""The ways of sequence flows: right angles, around every shape, few bends, few crossings.

The drawing is a grid of ten pixels. Each flow takes the cheapest way through it; ways already taken
make a cell dear, shapes close it. Short flows go first, so that the main way stays straight.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from engine.arrangement.placement import Box, Placement
from engine.packs.diagram import Flow, Node

STEP = 10
#: Costs in steps: a bend, a crossing, running on top of another way, a side that is not preferred.
BEND, CROSSING, ON_TOP, BESIDE = 8, 6, 40, 3
Point = tuple[float, float]
Cell = tuple[int, int]
_SIDES: Mapping[str, Cell] = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
_OUT = {"right": 0, "down": 4, "up": 5, "left": 30}
_IN = {"left": 0, "up": 4, "down": 4, "right": 30}


def route(
    placement: Placement, nodes: Mapping[str, Node], flows: Sequence[Flow]
) -> dict[str, list[Point]]:
    """Find the way of every flow, as corner points from shape to shape."""
    grid = _Grid(placement)
    ways: dict[str, list[Point]] = {}
    for flow in sorted(flows, key=lambda f: _distance(placement, f)):
        ways[flow.id] = grid.connect(nodes[flow.source], nodes[flow.target])
    return ways


def _distance(placement: Placement, flow: Flow) -> float:
    source, target = placement.nodes[flow.source], placement.nodes[flow.target]
    back = 10_000 if target.cx <= source.cx else 0
    return abs(target.cx - source.cx) + abs(target.cy - source.cy) * 2 + back


class _Grid:
    """What is in the way, and what it costs to pass."""

    def __init__(self, placement: Placement) -> None:
        self._boxes = placement.nodes
        pool = placement.pool
        self._left, self._top = int(pool.x // STEP) + 7, int(pool.y // STEP) + 1
        self._right = int((pool.x + pool.width) // STEP) - 1
        self._bottom = int((pool.y + pool.height) // STEP) - 1
        self._closed = {cell for box in placement.nodes.values() for cell in _cells(box)}
        self._taken: dict[Cell, set[bool]] = {}  # cell → directions of ways through it
        self._used: dict[tuple[str, str], int] = {}

    def connect(self, source: Node, target: Node) -> list[Point]:
        """The cheapest way between two shapes; remembers what it takes."""
        starts = dict(self._ports(source, _OUT, out=True))
        ends = dict(self._ports(target, _IN, out=False))
        cells, first, last = self._search(source.id, target.id, starts, ends)
        self._used[source.id, first] = self._used.get((source.id, first), 0) + 1
        self._used[target.id, last] = self._used.get((target.id, last), 0) + 1
        for before, here in itertools.pairwise(cells):
            across = before[1] == here[1]
            for cell in (before, here):
                self._taken.setdefault(cell, set()).add(across)
        begin = _edge(self._boxes[source.id], first)
        finish = _edge(self._boxes[target.id], last)
        corners = [begin, *((x * STEP, y * STEP) for x, y in cells), finish]
        return list(_straightened(corners))

    def _ports(
        self, node: Node, costs: Mapping[str, int], *, out: bool
    ) -> Iterator[tuple[str, tuple[Cell, int]]]:
        box = self._boxes[node.id]
        for side, cost in costs.items():
            if node.attached_to is not None and side != "down":
                continue
            used = self._used.get((node.id, side), 0)
            shared = used * (25 if out else 4)
            dx, dy = _SIDES[side]
            cell = (
                round(box.cx / STEP) + dx * -(-int(box.width / 2) // STEP) + dx,
                round(box.cy / STEP) + dy * -(-int(box.height / 2) // STEP) + dy,
            )
            yield side, (cell, cost + shared)

    def _search(
        self,
        source: str,
        target: str,
        starts: Mapping[str, tuple[Cell, int]],
        ends: Mapping[str, tuple[Cell, int]],
    ) -> tuple[list[Cell], str, str]:
        """Dijkstra over cells and directions, from any side of one shape to any of the other."""
        goals = {cell: (side, cost) for side, (cell, cost) in ends.items()}
        queue: list[tuple[float, Cell, str]] = []
        best: dict[tuple[Cell, str], float] = {}
        came: dict[tuple[Cell, str], tuple[Cell, str]] = {}
        for side, (cell, extra) in starts.items():
            heappush(queue, (extra, cell, side))
            best[cell, side] = extra
        finished: dict[str, tuple[float, Cell, str]] = {}
        while queue:
            cost, cell, heading = heappop(queue)
            if cost > best.get((cell, heading), cost):
                continue
            if finished and cost >= min(f[0] for f in finished.values()):
                break
            if cell in goals:
                side, extra = goals[cell]
                arriving = _SIDES[side]
                turn = 0 if _SIDES[heading] == (-arriving[0], -arriving[1]) else BEND
                total = cost + extra + turn
                if side not in finished or total < finished[side][0]:
                    finished[side] = (total, cell, heading)
            for name, (dx, dy) in _SIDES.items():
                ahead = (cell[0] + dx, cell[1] + dy)
                if _SIDES[heading] == (-dx, -dy) or not self._open(ahead):
                    continue
                more = cost + 1 + (BEND if name != heading else 0) + self._price(ahead, dy == 0)
                if more < best.get((ahead, name), 1e9):
                    best[ahead, name] = more
                    came[ahead, name] = (cell, heading)
                    heappush(queue, (more, ahead, name))
        if not finished:
            raise ValueError(f"no way from {source} to {target}")
        side, (_, cell, heading) = min(finished.items(), key=lambda one: one[1][0])
        cells = [cell]
        at = (cell, heading)
        while at in came:
            at = came[at]
            cells.append(at[0])
        return cells[::-1], at[1], side

    def _open(self, cell: Cell) -> bool:
        inside = self._left <= cell[0] <= self._right and self._top <= cell[1] <= self._bottom
        return inside and cell not in self._closed

    def _price(self, cell: Cell, across: bool) -> float:
        """What others in this cell and beside it cost."""
        ways = self._taken.get(cell)
        price: float = 0 if not ways else ON_TOP if across in ways else CROSSING
        beside = ((0, 1), (0, -1)) if across else ((1, 0), (-1, 0))
        for dx, dy in beside:
            near = (cell[0] + dx, cell[1] + dy)
            price += BESIDE if across in self._taken.get(near, ()) else 0
            price += 1 if near in self._closed else 0
        return price


def _cells(box: Box) -> Iterator[Cell]:
    for x in range(int(box.x // STEP), int(-(-(box.x + box.width) // STEP)) + 1):
        for y in range(int(box.y // STEP), int(-(-(box.y + box.height) // STEP)) + 1):
            yield x, y


def _edge(box: Box, side: str) -> Point:
    dx, dy = _SIDES[side]
    return box.cx + dx * box.width / 2, box.cy + dy * box.height / 2


def _straightened(points: Iterable[Point]) -> Iterator[Point]:
    """Leave out the points in the middle of a straight piece."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept.pop()
        kept.append(point)
    yield from kept
