"""Figures as tables: one shape for the page and for the workbook, every number with its list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask import url_for

from engine.packs.reports import Stretch
from engine.queries.statistics.figures import Count
from engine.queries.statistics.period import Period, called
from engine.queries.statistics.report import Report, StretchLine

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


_ACCEPTED = Heading("accepted", "受理")
_FIGURES = (
    Heading("received", "收件"),
    _ACCEPTED,
    Heading("closed", "办结"),
    Heading("on_time", "按期办结"),
    Heading("late", "逾期办结"),
    Heading("share", "按期率"),
    Heading("running", "在办"),
    Heading("overdue", "目前超期"),
    Heading("at_risk", "即将到期"),
    Heading("average", "平均工作日"),
    Heading("longest", "最长工作日"),
)
_TONES = {"late": "due-over", "overdue": "due-over", "at_risk": "due-soon"}


def tables(report: Report) -> list[Table]:
    """The tables of the page that have something to say in this region, in the order shown."""
    link = link_of(report)
    found = [months(report, link), offices(report, link)]
    if len(report.scope.processes) > 1:
        found.append(processes(report, link))
    if report.scope.config.items:
        found += [items(report, link), departments(report, link)]
    if report.scope.config.statistics.accepted:
        found.append(acceptances(report, link))
    return found


def months(report: Report, link: Link) -> Table:
    """Month by month: the chart in numbers."""
    wanted = _with_or_without_acceptance(report, "received accepted closed share average longest")
    rows = [
        [
            text(called("month", line.period)),
            *_cells(wanted, line.count, link, period=line.period),
        ]
        for line in report.months
    ]
    return Table("months", "逐月情况", [Heading("month", "月份", False), *wanted], rows)


def offices(report: Report, link: Link) -> Table:
    """Office by office, with objections where the region counts them."""
    wanted = _with_or_without_acceptance(report)
    objected = report.objections is not None
    rows = []
    for line in sorted(report.offices, key=lambda line: report.office_title(line.office)):
        at = line.office or "-"
        row = [text(report.office_title(line.office)), *_cells(wanted, line.count, link, at=at)]
        if objected:
            row.append(number(line.objections, link("received", of="objections", at=at)))
        rows.append(row)
    headings = [Heading("office", "机构", False), *wanted]
    headings += [Heading("objections", "异议")] * objected
    return Table("offices", "各机构办理情况", headings, rows)


def processes(report: Report, link: Link) -> Table:
    """Process by process."""
    wanted = _with_or_without_acceptance(report)
    rules = report.scope.config.processes
    rows = [
        [
            text(rules[process].title if process in rules else process),
            *_cells(wanted, count, link, process=process),
        ]
        for process, count in report.processes.items()
    ]
    return Table("processes", "各业务办理情况", [Heading("process", "业务", False), *wanted], rows)


def items(report: Report, link: Link) -> Table:
    """Office by office, item by item."""
    wanted = [heading for heading in _FIGURES if heading.code not in ("accepted", "on_time")]
    order = list(report.scope.config.items)
    lines = sorted(
        report.items,
        key=lambda line: (
            report.office_title(line.office),
            order.index(line.item) if line.item in order else len(order),
        ),
    )
    rows = [
        [
            text(report.office_title(line.office)),
            text(report.item_title(line.item)),
            text(report.agency_of(line.item)),
            *_cells(wanted, line.count, link, of="items", at=line.office or "-", item=line.item),
        ]
        for line in lines
    ]
    words = (("office", "机构"), ("item", "联办事项"), ("agency", "责任部门"))
    headings = [*(Heading(code, title, False) for code, title in words), *wanted]
    return Table("items", "各机构、事项办理情况", headings, rows)


_AGAINST: Mapping[Stretch, str] = {
    "week": "比上周",
    "month": "比上月",
    "quarter": "比上季度",
    "year": "比上年",
}
_TITLES: Mapping[Stretch, str] = {"week": "周", "month": "月", "quarter": "季度", "year": "年"}


def departments(report: Report, link: Link) -> Table:
    """Items closed by each department, against the stretch before (ZY-059, ZY-064)."""
    kind = report.scope.config.statistics.closed_by_department.period
    rows = []
    for line in report.departments:
        chosen = {"of": "items", "period": line.period, "item": line.item}
        rows.append(
            [
                Cell(called(kind, line.period), line.period.first.isoformat()),
                text(report.agency_of(line.item)),
                text(report.item_title(line.item)),
                number(line.count.closed, link("closed", **chosen)),
                _change(line, lambda count: count.closed),
                number(line.count.late, link("late", **chosen), _TONES["late"]),
                number(line.count.average, link("closed", **chosen)),
                _change(line, lambda count: count.average),
                number(line.count.maximum, link("closed", **chosen)),
            ]
        )
    against = _AGAINST[kind]
    headings = [
        Heading("stretch", _TITLES[kind], False),
        Heading("agency", "责任部门", False),
        Heading("item", "联办事项", False),
        Heading("closed", "办结"),
        Heading("more", against),
        Heading("late", "其中逾期"),
        Heading("average", "平均工作日"),
        Heading("slower", against),
        Heading("longest", "最长工作日"),
    ]
    title = f"各责任部门办结数量和办理时间（按{_TITLES[kind]}）"
    return Table("departments", title, headings, rows)


def acceptances(report: Report, link: Link) -> Table:
    """How many cases were accepted, stretch by stretch, office by office (ZY-047)."""
    kind = report.scope.config.statistics.acceptance_summary.period
    rows = []
    for period, lines in groupby(report.acceptances, key=lambda line: line.period):
        for line in sorted(lines, key=lambda line: report.office_title(line.office)):
            accepted = link("accepted", period=period, at=line.office or "-")
            rows.append(
                [
                    Cell(called(kind, period), period.first.isoformat()),
                    text(report.office_title(line.office)),
                    number(line.count.accepted, accepted),
                ]
            )
    headings = [
        Heading("stretch", _TITLES[kind], False),
        Heading("office", "机构", False),
        Heading("accepted", "受理"),
    ]
    return Table("acceptances", f"受理信息汇总（按{_TITLES[kind]}）", headings, rows)


def _with_or_without_acceptance(report: Report, codes: str = "") -> list[Heading]:
    """The headings wanted; a region that does not say what accepts a case has no such column."""
    wanted = [heading for heading in _FIGURES if not codes or heading.code in codes.split()]
    if not report.scope.config.statistics.accepted:
        wanted.remove(_ACCEPTED)
    return wanted


def _cells(headings: Sequence[Heading], count: Count, link: Link, **of: Any) -> list[Cell]:
    cells = []
    for heading in headings:
        match heading.code:
            case "share":
                cell = per_cent(count.on_time_share, link("on_time", **of))
            case "average":
                cell = number(count.average, link("closed", **of))
            case "longest":
                cell = number(count.maximum, link("closed", **of))
            case code:
                cell = number(getattr(count, code), link(code, **of), _TONES.get(code, ""))
        cells.append(cell)
    return cells


def _change(line: StretchLine, figure: Callable[[Count], float | None]) -> Cell:
    now, before = figure(line.count), figure(line.before) if line.before else None
    if now is None or before is None:
        return Cell(NOTHING)
    change = round(now - before, 1)
    return Cell(f"{change:+g}" if change else "持平", change)
