"""Tables by week, month, quarter or year, as the region has it: departments, acceptances."""

from collections.abc import Callable, Mapping
from itertools import groupby

from engine.packs.reports import Stretch
from engine.queries.statistics.figures import Count
from engine.queries.statistics.period import called
from engine.queries.statistics.report import Report, StretchLine
from webapp.statistics.cells import NOTHING, Cell, Heading, Link, Table, number, text

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
                number(line.count.late, link("late", **chosen), "due-over"),
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


def _change(line: StretchLine, figure: Callable[[Count], float | None]) -> Cell:
    now, before = figure(line.count), figure(line.before) if line.before else None
    if now is None or before is None:
        return Cell(NOTHING)
    change = round(now - before, 1)
    return Cell(f"{change:+g}" if change else "持平", change)
