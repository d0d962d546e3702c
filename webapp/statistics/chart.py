"""A chart without scripts: pairs of bars, laid out here, drawn by the template as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 240
_LEFT, _TOP, _BOTTOM = 36, 22, 28
_PLOT = HEIGHT - _TOP - _BOTTOM
#: Room between two pairs, as a share of a pair's place.
_GAP = 0.28


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how tall it is, and its number."""

    x: float
    y: float
    width: float
    height: float
    value: int
    series: int

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Chart:
    """All there is to draw; ``lines`` are the scale: (y, number), ``labels``: (x, words)."""

    bars: Sequence[Bar]
    lines: Sequence[tuple[float, int]]
    labels: Sequence[tuple[float, str]]
    floor: float = _TOP + _PLOT
    left: float = _LEFT
    width: int = WIDTH
    height: int = HEIGHT


def bar_chart(labels: Sequence[str], series: Sequence[Sequence[int]]) -> Chart:
    """Lay out bars side by side.

    Args:
        labels: of the places on the floor, e.g. months.
        series: for each of them, a number for each label; none negative.
    """
    top, step = _scale(max((value for values in series for value in values), default=0))
    place = (WIDTH - _LEFT) / max(1, len(labels))
    wide = place * (1 - _GAP) / max(1, len(series))
    bars = []
    for number, values in enumerate(series):
        for at, value in enumerate(values):
            height = round(_PLOT * value / top, 1)
            x = _LEFT + place * at + place * _GAP / 2 + wide * number
            y = round(_TOP + _PLOT - height, 1)
            bars.append(Bar(round(x, 1), y, round(wide, 1), height, value, number))
    lines = [(round(_TOP + _PLOT * (1 - mark / top), 1), mark) for mark in range(0, top + 1, step)]
    middles = [round(_LEFT + place * (at + 0.5), 1) for at in range(len(labels))]
    return Chart(bars, lines, list(zip(middles, labels, strict=True)))


def _scale(most: int) -> tuple[int, int]:
    """A round number at the top that is not below the tallest bar, and the step below it."""
    steps = (n * 10**power for power in range(12) for n in (1, 2, 5))
    step = next(step for step in steps if step * 4 >= most)
    return step * 4, step
