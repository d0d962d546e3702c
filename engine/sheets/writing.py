"""Workbooks people work in: text only, headings that stay in view, cells to fill in marked."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

#: The longest list of choices a spreadsheet program takes in a cell's own rule.
_LONGEST_CHOICE = 250
_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys(r"[]:*?/\'", "－"))
_LINE = Side(style="thin", color="C3CCD6")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="E8F0FA")
_TO_FILL = PatternFill("solid", fgColor="FFF9E5")
_WRONG = PatternFill("solid", fgColor="FDE3E3")


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook.

    Args:
        title: also its name in the tab.
        headings: of the columns.
        rows: text, one per heading; numbers in tables that are only read.
        open_from: number of the first column people fill in; ``None``: the whole table is theirs.
        choices: heading → what may be chosen there.
        required: headings that must be filled in, marked in the first row.
        wrong: (row from 0, heading) → what is wrong there; marked and commented.
        blank_rows: empty rows to be filled in below.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | float]] = ()
    open_from: int | None = None
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    wrong: Mapping[tuple[int, str], str] = field(default_factory=dict)
    blank_rows: int = 0


def write_book(sheets: Sequence[Sheet], advice: Sequence[str], last: str = "") -> bytes:
    """Write a workbook.

    Args:
        advice: lines of the last sheet, which tells how to fill it in.
        last: what that sheet is called when there is nothing to fill in.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(sheet_name(sheet.title)), sheet)
    note = book.create_sheet(last or ADVICE)
    for number, line in enumerate(advice, 1):
        _text(note.cell(number, 1), line)
    note.column_dimensions["A"].width = 90
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


#: The sheet that nobody reads back.
ADVICE = "填写说明"


def sheet_name(title: str) -> str:
    """A title as a tab may carry it."""
    return title.translate(_FORBIDDEN_IN_NAMES)[:31]


def _write(page: Worksheet, sheet: Sheet) -> None:
    for column, heading in enumerate(sheet.headings, 1):
        cell = page.cell(1, column)
        _text(cell, heading)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _FRAME
        if heading in sheet.required:
            cell.font = Font(bold=True, color="B42318")
        longest = max((len(str(row[column - 1])) for row in sheet.rows), default=0)
        width = min(36, max(10, 2 * len(heading) + 2, longest + 4))
        page.column_dimensions[get_column_letter(column)].width = width
    last = len(sheet.rows) + sheet.blank_rows
    for number in range(last):
        row = sheet.rows[number] if number < len(sheet.rows) else ()
        for column, heading in enumerate(sheet.headings, 1):
            cell = page.cell(number + 2, column)
            _put(cell, row[column - 1] if row else "")
            cell.border = _FRAME
            if sheet.open_from is None or column > sheet.open_from:
                cell.protection = Protection(locked=False)
                cell.fill = _TO_FILL
            if said := sheet.wrong.get((number, heading)):
                cell.fill, cell.comment = _WRONG, Comment(said, "系统")
    _choices(page, sheet, last + 1)
    page.freeze_panes = "B2"
    page.protection.sheet = sheet.open_from is not None


def _choices(page: Worksheet, sheet: Sheet, last_row: int) -> None:
    for heading, options in sheet.choices.items():
        listed = ",".join(options)
        if heading not in sheet.headings or len(listed) > _LONGEST_CHOICE or '"' in listed:
            continue
        letter = get_column_letter(list(sheet.headings).index(heading) + 1)
        rule = DataValidation("list", formula1=f'"{listed}"', allow_blank=True)
        rule.showErrorMessage = False  # the server decides, and says why
        page.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{max(2, last_row)}")


def _put(cell: Cell | MergedCell, value: str | float) -> None:
    if isinstance(value, str):
        _text(cell, value)
    else:
        cell.value = value


def _text(cell: Cell | MergedCell, text: str) -> None:
    """Write text that stays text: no number loses its digits, no formula comes to life."""
    cell.value = "".join(c for c in text if c.isprintable() or c == "\n")
    cell.data_type, cell.number_format = "s", "@"
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True
