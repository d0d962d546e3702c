"""A year's notice from a file an office has: JSON as ours, or a sheet of dates.

A sheet (xlsx, csv, or text pasted from one) has a row per day: the date, what it is (休 or 班),
and, if it is known, the name of the holiday. Days of rest that follow one another are one holiday;
a make-up day belongs to the holiday of its name, else to the nearest.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from openpyxl import load_workbook

from engine.calendar import YearNotice, read_notice
from engine.errors import Invalid
from engine.media import unpack
from engine.sheets.reading import require_harmless

MOST_ROWS = 400
_REST = {"休", "放假", "休息", "节假日", "法定节假日", "rest", "holiday"}
_WORK = {"班", "补班", "上班", "调休上班", "work", "workday"}
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00:00)?")
_UNNAMED = "放假"


class Row(NamedTuple):
    """One day of a sheet; ``place`` is told when something is wrong with it."""

    place: str
    day: date
    rests: bool
    name: str


def read_calendar_file(name: str, content: bytes, *, title: str, source: str) -> YearNotice:
    """Read a notice from an uploaded file.

    Args:
        name: of the file; its ending says what it is.
        content: as uploaded.
        title, source: of the notice, for sheets, which do not say; JSON says so itself.

    Raises:
        Invalid: it cannot be read; every wrong row is named in ``errors``. Do not retry.
    """
    ending = name.rpartition(".")[2].lower()
    if ending == "json":
        try:
            return read_notice(json.loads(content))
        except (ValueError, RecursionError):
            raise Invalid("不是有效的 JSON 文件。") from None
    if ending == "xlsx":
        return notice_of(_workbook(content), title=title, source=source)
    if ending in ("csv", "txt"):
        return notice_of(_lines(_text(content)), title=title, source=source)
    raise Invalid("请上传 .json、.xlsx 或 .csv 文件。")


def read_calendar_text(text: str, *, title: str, source: str) -> YearNotice:
    """Read a notice from rows pasted into a page; errors as for a file."""
    return notice_of(_lines(text), title=title, source=source)


def notice_of(cells: Iterable[tuple[str, Sequence[Any]]], *, title: str, source: str) -> YearNotice:
    """Make a notice of the rows of a sheet.

    Args:
        cells: place and cells of each row.

    Raises:
        Invalid: as for a file.
    """
    if not title.strip():
        raise Invalid(errors={"title": "请填写放假通知的名称。"})
    rows, errors = [], {}
    for place, row in cells:
        try:
            found = _row(place, row)
        except Invalid as error:
            errors[place] = error.message
            continue
        if found is not None:
            rows.append(found)
    if errors:
        told = "；".join(f"{place}：{message}" for place, message in list(errors.items())[:10])
        raise Invalid(f"表格有误：{told}", errors)
    return read_notice(_notice(sorted(rows, key=lambda row: row.day), title, source))


def _notice(rows: list[Row], title: str, source: str) -> dict[str, Any]:
    holidays = list(_holidays([row for row in rows if row.rests]))
    if not holidays:
        raise Invalid("表格中没有放假日。")
    year = date.fromisoformat(holidays[-1]["to"]).year
    for row in rows:
        if not row.rests:
            named = [one for one in holidays if one["name"] == row.name] or holidays
            nearest = min(named, key=lambda one: _distance(one, row.day))
            nearest["make_up"].append(row.day.isoformat())
    return {
        "year": year,
        "title": title.strip(),
        "source": source.strip(),
        "status": "published",
        "holidays": holidays,
    }


def _holidays(rows: list[Row]) -> Iterator[dict[str, Any]]:
    """Runs of days that follow one another under one name."""
    run: list[Row] = []
    for row in [*rows, None]:
        follows = (
            row is not None
            and bool(run)
            and row.day - run[-1].day == timedelta(days=1)
            and row.name in ("", run[0].name)
        )
        if run and not follows:
            yield {
                "name": run[0].name or _UNNAMED,
                "from": run[0].day.isoformat(),
                "to": run[-1].day.isoformat(),
                "make_up": [],
            }
            run = []
        if row is not None:
            run.append(row)


def _distance(holiday: dict[str, Any], day: date) -> int:
    first, last = date.fromisoformat(holiday["from"]), date.fromisoformat(holiday["to"])
    return min(abs((day - first).days), abs((day - last).days))


def _row(place: str, cells: Sequence[Any]) -> Row | None:
    texts = [_plain(cell) for cell in cells]
    if not any(texts) or texts[0] in ("日期", "date"):
        return None
    day = _day(texts[0])
    kind = texts[1].lower() if len(texts) > 1 else ""
    if day is None:
        raise Invalid(f"“{texts[0][:20]}”不是日期，应写作 2027-01-01")
    if kind not in _REST | _WORK:
        raise Invalid(f"类型“{kind[:20]}”应为“休”或“班”")
    return Row(place, day, kind in _REST, texts[2][:40] if len(texts) > 2 else "")


def _plain(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return unicodedata.normalize("NFKC", str(cell if cell is not None else "")).strip()


def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _lines(text: str) -> Iterator[tuple[str, Sequence[Any]]]:
    """Rows of text: parted by commas, tabs or spaces."""
    for number, line in enumerate(text.splitlines(), start=1):
        if number > MOST_ROWS:
            raise Invalid(f"行数超过 {MOST_ROWS} 行。")
        plain = unicodedata.normalize("NFKC", line)
        parted = next(csv.reader([plain])) if "," in plain else plain.split()
        yield f"第 {number} 行", parted


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("文件不是文字，请另存为 UTF-8 编码的 CSV。")


def _workbook(content: bytes) -> Iterator[tuple[str, Sequence[Any]]]:
    try:
        require_harmless(unpack(content))
    except Invalid as error:
        raise Invalid(f"不是可用的 xlsx 工作簿：{error.message}") from None
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        rows = list(
            book.worksheets[0].iter_rows(max_row=MOST_ROWS + 1, max_col=3, values_only=True)
        )
    except Exception:
        # a parser of others' meets what others wrote: whatever it stumbles over, the file is bad
        raise Invalid("不是有效的 xlsx 工作簿。") from None
    if len(rows) > MOST_ROWS:
        raise Invalid(f"行数超过 {MOST_ROWS} 行。")
    yield from ((f"第 {number} 行", row) for number, row in enumerate(rows, start=1))
