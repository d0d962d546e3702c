"""Excel templates: cells with ``{{ … }}``, and one row that is repeated for a list.

The row begins, in its first cell, with ``{% for x in … %}``; it needs no end; ``loop.index`` counts
its copies. What comes out of data is always text or a number, never a formula.
"""

import io
import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from engine.errors import Invalid

_REPEAT = re.compile(r"^\{%\s*for\s+([a-z_]+)\s+in\s+(.+?)\s*%\}")
_ALONE = re.compile(r"^\{\{(.+)\}\}$", re.DOTALL)
#: Longer lists are several files.
MOST_ROWS = 20_000


def render_sheets(
    content: bytes, environment: SandboxedEnvironment, names: Mapping[str, Any]
) -> bytes:
    """Fill in all sheets; raise ``Invalid`` or a template's error."""
    try:
        book = load_workbook(io.BytesIO(content))
    except Exception:
        # a parser of others' meets what others wrote: whatever it stumbles over, the file is bad
        raise Invalid("文件已损坏，无法打开") from None
    for sheet in book.worksheets:
        for row in range(sheet.max_row, 0, -1):  # from below, so that added rows move no others
            _row(sheet, row, environment, names)
    finished = io.BytesIO()
    book.save(finished)
    return finished.getvalue()


def templates(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield ``sheet!A1`` and the template of every cell that holds one."""
    for sheet in load_workbook(io.BytesIO(content)).worksheets:
        for cells in sheet.iter_rows():
            heads = [found for cell in cells if (found := _REPEAT.match(str(cell.value or "")))]
            for cell in cells:
                text = cell.value if isinstance(cell.value, str) else ""
                if "{{" in text or "{%" in text:
                    yield f"{sheet.title}!{cell.coordinate}", _closed(text, heads)


def _closed(text: str, heads: list[re.Match[str]]) -> str:
    """A cell as a template that stands by itself: inside the loop of its row."""
    plain = _REPEAT.sub("", text)
    return f"{heads[0][0]}{plain}{{% endfor %}}" if heads else plain


def _row(
    sheet: Worksheet, row: int, environment: SandboxedEnvironment, names: Mapping[str, Any]
) -> None:
    cells = [cell for cell in sheet[row] if isinstance(cell, Cell)]
    repeat = next((f for c in cells if (f := _REPEAT.match(str(c.value or "")))), None)
    if repeat is None:
        _fill(cells, environment, names)
        return
    found = environment.compile_expression(repeat[2], undefined_to_none=False)(**names)
    entries = list(found or [])[: MOST_ROWS + 1]
    if len(entries) > MOST_ROWS:
        raise Invalid(f"名单超过 {MOST_ROWS} 行，请分开生成")
    patterns = [(_REPEAT.sub("", c.value) if isinstance(c.value, str) else c.value) for c in cells]
    _make_room(sheet, row, len(entries) - 1)
    for place, entry in enumerate(entries or [None]):
        copies = [_like(sheet, cell, row + place) for cell in cells]
        for cell, pattern in zip(copies, patterns, strict=True):
            cell.value = pattern if entry is not None else None
        if entry is not None:
            loop = {"index": place + 1, "length": len(entries)}
            _fill(copies, environment, {**names, repeat[1]: entry, "loop": loop})


def _make_room(sheet: Worksheet, row: int, more: int) -> None:
    """Insert rows below, with everything that hangs on rows further down."""
    if more <= 0:
        return
    merged = [one for one in sheet.merged_cells.ranges if one.min_row > row]
    heights = {n: d.height for n, d in sheet.row_dimensions.items() if n > row and d.height}
    for one in merged:
        sheet.unmerge_cells(str(one))
    sheet.insert_rows(row + 1, more)
    for one in merged:
        one.shift(row_shift=more)
        sheet.merge_cells(str(one))
    for n in heights:
        sheet.row_dimensions[n].height = None
    for n, height in heights.items():
        sheet.row_dimensions[n + more].height = height
    for n in range(row + 1, row + more + 1):
        sheet.row_dimensions[n].height = sheet.row_dimensions[row].height


def _like(sheet: Worksheet, cell: Cell, row: int) -> Cell:
    made = sheet.cell(row, cell.column)
    assert isinstance(made, Cell)
    if cell.has_style and made is not cell:
        made._style = copy(cell._style)  # type: ignore[attr-defined]
    return made


def _fill(cells: list[Cell], environment: SandboxedEnvironment, names: Mapping[str, Any]) -> None:
    for cell in cells:
        text = cell.value
        if not isinstance(text, str) or not ("{{" in text or "{%" in text):
            continue
        alone = _ALONE.match(text.strip())
        value: Any = None
        if alone and "}}" not in alone[1]:
            value = environment.compile_expression(alone[1], undefined_to_none=False)(**names)
        if isinstance(value, int | float) and not isinstance(value, bool):
            cell.value = value
            continue
        cell.value = environment.from_string(text).render(names)
        cell.data_type = "s"  # "=…" in data must not become a formula
