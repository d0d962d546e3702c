"""What tables of figures are made of: headings, cells with numbers, the lists they lead to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import url_for

from engine.queries.statistics.period import Period
from engine.queries.statistics.report import Report

#: What stands where there is nothing to tell.
NOTHING = "—"


@dataclass(frozen=True)
class Heading:
    """A column: its code in addresses, what stands above it, whether it holds numbers."""

    code: str
    title: str
    number: bool = True


@dataclass(frozen=True)
class Cell:
    """What a cell shows, what it is sorted by, and the list it leads to."""

    text: str
    value: float | str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the page: ``sort`` is the column it is sorted by, ``-`` before: downwards."""

    code: str
    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    sort: str = ""

    def sorted_by(self, asked: str) -> "Table":
        """The rows in another order; what asks for another table or no column changes nothing."""
        name = asked.removeprefix("-")
        codes = [heading.code for heading in self.headings]
        if not name.startswith(f"{self.code}."):
            return self
        column = name.removeprefix(f"{self.code}.")
        if column not in codes:
            return self
        at, down = codes.index(column), asked.startswith("-")
        blank = [row for row in self.rows if row[at].text == NOTHING]
        rows = [row for row in self.rows if row[at].text != NOTHING]
        rows.sort(key=lambda row: row[at].value, reverse=down)
        return replace(self, rows=[*rows, *blank], sort=f"{'-' if down else ''}{column}")


Link = Callable[..., str]


def link_of(report: Report) -> Link:
    """``link(figure, of=…, at=…)``: where the list behind a figure is."""
    own = report.scope.filters

    def link(figure: str, of: str = "cases", period: Period | None = None, **other: str) -> str:
        if period is not None:
            first, last = period.first.isoformat(), period.last.isoformat()
            other |= {"period": "custom", "first": first, "last": last}
        return url_for("statistics.listing", figure=figure, of=of, **own.query(**other))

    return link


def number(value: float | None, url: str = "", tone: str = "") -> Cell:
    """A number; none is a dash, and nothing leads nowhere but is still its list."""
    if value is None:
        return Cell(NOTHING)
    return Cell(f"{value:g}", value, url, tone if value else "")


def per_cent(value: float | None, url: str) -> Cell:
    """A share in per cent."""
    return Cell(NOTHING) if value is None else Cell(f"{value:g}%", value, url)


def text(words: str) -> Cell:
    """Words."""
    return Cell(words, words)
