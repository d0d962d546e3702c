"""Figures and lists as workbooks: numbers stay numbers, words stay words."""

from engine.item_states import STATES
from engine.queries.statistics.listing import MOST_ROWS, Listing
from engine.queries.statistics.report import Report
from engine.sheets import Sheet, write_book
from webapp.display import day, moment
from webapp.statistics.cells import NOTHING, Cell, Table
from webapp.statistics.tables import tables

#: The last sheet: what the figures are about.
NOTE = "说明"
LIST_HEADINGS = ("办件编号", "当事人", "事项", "机构", "收件时间", "受理时间", "期限", "办结时间")


def of_report(report: Report) -> bytes:
    """Every table of the page on a sheet of its own, with what they are about at the end."""
    scope = report.scope
    note = [
        f"{scope.config.title}　统计期：{scope.period}",
        f"导出时间：{moment(scope.now)}",
        f"即将到期：{scope.near} 个工作日内到期。办理天数为工作日，含补正和等待的时间。",
    ]
    return write_book([_sheet(table) for table in tables(report)], note, NOTE)


def of_list(found: Listing, of: str) -> bytes:
    """Every row of a list."""
    scope = found.scope
    rows = [
        [
            row.no,
            row.subject,
            row.title,
            scope.titles.get(row.office or "", ""),
            day(row.begun_at),
            day(row.accepted_at),
            day(row.due_at),
            day(row.ended_at),
            "" if row.days is None else row.days,
            result_of(row, of) or "",
            standing_of(row),
            found.notes.get(row.case_id, ""),
        ]
        for row in found.rows
    ]
    headings = [*LIST_HEADINGS, "工作日", "结果", "期限情况", "备注"]
    note = [
        f"{found.title}　{scope.config.title}　统计期：{scope.period}",
        f"共 {found.total} 件。导出时间：{moment(scope.now)}",
    ]
    if found.total > MOST_ROWS:
        note.append(f"件数超过 {MOST_ROWS}，只导出前 {MOST_ROWS} 件，请缩小统计期或按机构导出。")
    return write_book([Sheet(found.title, headings, rows)], note, NOTE)


def standing_of(row: object) -> str:
    """In words how a row of a list stands to its promises."""
    for name, words in (("overdue", "已超期"), ("at_risk", "即将到期"), ("late", "曾超期")):
        if getattr(row, name) and (name == "late" or getattr(row, "open")):  # noqa: B009
            return words
    return "期限内"


def result_of(row: object, of: str) -> str | None:
    """How a case ended, or the state an item is in."""
    result: str | None = getattr(row, "result")  # noqa: B009
    return STATES.get(result or "", result) if of == "items" else result


def _sheet(table: Table) -> Sheet:
    headings = [f"{one.title}（%）" if one.code == "share" else one.title for one in table.headings]
    return Sheet(table.title, headings, [[_value(cell) for cell in row] for row in table.rows])


def _value(cell: Cell) -> float | str:
    """A number as it is; for words what is read, not what they are sorted by."""
    if cell.text == NOTHING:
        return ""
    return cell.text if isinstance(cell.value, str) else cell.value
