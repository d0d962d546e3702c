"""Figures as tables: one shape for the page and for the workbook, every number with its list."""

from collections.abc import Sequence
from typing import Any

from engine.queries.statistics.figures import Count
from engine.queries.statistics.period import called
from engine.queries.statistics.report import Report
from webapp.statistics.cells import Cell, Heading, Link, Table, link_of, number, per_cent, text
from webapp.statistics.stretches import acceptances, departments

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
