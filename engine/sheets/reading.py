"""Tables from outside: hostile until read. What comes out is rows of text."""

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from engine.errors import Invalid
from engine.media import XLSX, recognise, unpack
from engine.sheets.writing import ADVICE

MOST_ROWS, MOST_COLUMNS, MOST_SHEETS, LONGEST_CELL = 5000, 120, 40, 2000
#: Five thousand rows are a few MB; what unpacks to more is no table of ours.
MOST_TEXT = 60 * 1024 * 1024
_XML = (".xml", ".rels", ".vml")
#: Plain, and as UTF-16 would have them under a name that is no XML.
_DECLARATIONS = tuple(
    one.encode(encoding)
    for one in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
_FOREIGN = ("xl/externallinks/", "xl/embeddings/", "xl/activex/", "customui/", "xl/connections.xml")


@dataclass(frozen=True)
class Table:
    """A sheet: its name, its headings, and its rows by their number in the file."""

    title: str
    headings: list[str]
    rows: dict[int, list[str]]

    def cells(self, number: int) -> dict[str, str]:
        """A row by heading."""
        return dict(zip(self.headings, self.rows[number], strict=False))


def read_tables(content: bytes) -> list[Table]:
    """Read a workbook (.xlsx) or a CSV file; empty rows and our own advice are passed over.

    Raises:
        Invalid: too big, damaged, with macros or links to elsewhere, or without a table. The
            message says what to do; nothing was kept.
    """
    tables = _book(content) if content.startswith(b"PK") else [_csv(content)]
    tables = [table for table in tables if table.headings]
    if not any(table.rows for table in tables):
        raise Invalid("文件中没有内容：第一行应为列名，其下每行一件。")
    if sum(len(table.rows) for table in tables) > MOST_ROWS:
        raise Invalid(f"一次最多 {MOST_ROWS} 行，请分成几个文件。")
    return tables


def _book(content: bytes) -> list[Table]:
    if recognise(content) is not XLSX:
        raise Invalid("文件不是 Excel 工作簿（.xlsx），请另存为 .xlsx 后再上传。")
    require_harmless(unpack(content))
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if len(book.sheetnames) > MOST_SHEETS:
            raise Invalid(f"工作表超过 {MOST_SHEETS} 张，请核对是否选错了文件。")
        return [
            _table(sheet.title, sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS))
            for sheet in book.worksheets
            if sheet.title != ADVICE
        ]
    except Invalid:
        raise
    except Exception:
        # a parser of others' meets what others wrote: whatever it stumbles over, the file is bad
        raise Invalid(
            "文件已损坏或不是 Excel 工作簿，请用 Excel 或 WPS 另存为 .xlsx 后再上传。"
        ) from None


def require_harmless(packed: zipfile.ZipFile) -> None:
    """No part declares entities, points elsewhere or unpacks beyond measure, whatever it says.

    Every part is looked at, whatever it is called and however far down: a sheet may be called
    ``x.png``, and a declaration may stand behind a long comment. XML in UTF-16 could hide one; no
    spreadsheet program writes it.

    Raises:
        Invalid: it does; the message says what to do.
    """
    total = 0
    for part in packed.infolist():
        name = part.filename.lower()
        if name.startswith(_FOREIGN):
            raise Invalid("文件含有外部链接或嵌入对象，请另存为只含表格的文件后再上传。")
        before = b""
        try:
            with packed.open(part) as stream:
                while piece := stream.read(64 * 1024):
                    total += len(piece)
                    if total > MOST_TEXT:
                        raise Invalid("文件解压后过大，无法处理。")
                    if _declares(before + piece) or (name.endswith(_XML) and b"\0" in piece):
                        raise Invalid("文件含有不允许的定义，请用 Excel 或 WPS 另存后再上传。")
                    before = piece[-32:]
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError):
            raise Invalid("文件已损坏，无法打开。") from None
        except (OSError, ValueError, NotImplementedError, RuntimeError):
            raise Invalid("文件已损坏，无法打开。") from None


def _declares(piece: bytes) -> bool:
    return any(one in piece for one in _DECLARATIONS)


def _csv(content: bytes) -> Table:
    if len(content) > MOST_TEXT // 6:
        raise Invalid("文件过大，无法处理。")
    for encoding in ("utf-8-sig", "gb18030"):  # spreadsheet programs in China write either
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("文件不能识别，请上传 .xlsx 或 .csv 文件。")
    if "\0" in text:
        raise Invalid("文件不能识别，请上传 .xlsx 或 .csv 文件。")
    try:
        return _table("", iter(csv.reader(io.StringIO(text), strict=True)))
    except csv.Error:
        raise Invalid("文件不是有效的 CSV，请上传 .xlsx 文件。") from None


def _table(title: str, lines: Iterator[Any]) -> Table:
    headings = [_plain(cell) for cell in next(lines, ())][:MOST_COLUMNS]
    while headings and not headings[-1]:
        headings.pop()
    twice = {one for one in headings if one and headings.count(one) > 1}
    if twice:
        raise Invalid(f"工作表“{title or '表格'}”有重名的列：{'、'.join(sorted(twice))}。")
    rows: dict[int, list[str]] = {}
    for number, line in enumerate(lines, 2):
        if number > 20 * MOST_ROWS:
            raise Invalid("工作表行数过多，请删去空行后再上传。")
        row = [_plain(cell) for cell in line[: len(headings)]]
        if any(row):
            rows[number] = row
            if len(rows) > MOST_ROWS:
                raise Invalid(f"一次最多 {MOST_ROWS} 行，请分成几个文件。")
    return Table(title, headings, rows)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    text = str(value).strip()
    if len(text) > LONGEST_CELL:
        raise Invalid(f"有单元格超过 {LONGEST_CELL} 个字，请核对文件。")
    return text
