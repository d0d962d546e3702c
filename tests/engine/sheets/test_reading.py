"""Tables from outside are hostile until read: every trick is answered in words."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from engine.errors import Invalid
from engine.sheets import Sheet, read_tables, write_book
from engine.sheets.reading import MOST_ROWS


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    change(parts)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return changed.getvalue()


def with_entities(parts: dict[str, bytes]) -> None:
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet


def with_bomb(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet2.xml"] = b"<worksheet>" + b" " * (61 * 1024 * 1024)


def with_macros(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"macro"


def with_links(parts: dict[str, bytes]) -> None:
    parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"


def with_broken_sheet(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_entities, "不允许的定义"),
        (with_bomb, "解压后过大"),
        (with_macros, "宏"),
        (with_links, "外部链接"),
        (with_broken_sheet, "损坏"),
        (lambda parts: parts.pop("xl/workbook.xml"), "文件"),
        (lambda parts: parts.update({"word/document.xml": parts.pop("xl/workbook.xml")}), "Excel"),
    ],
)
def test_a_hostile_workbook_is_refused_in_words(
    change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        read_tables(repacked(book(["姓名"], ["张建国"]), change))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 and nothing more",
        b"\xff\xfe\x00\x00",
        b"%PDF-1.7",
        book(),
        book([]),
        book(["姓名", "姓名"], ["甲", "乙"]),
        book(["姓名"], ["字" * 2001]),
        book(["姓名"], *([f"第{n}人"] for n in range(MOST_ROWS + 1))),
        '姓名,"没有结尾\n甲'.encode(),
    ],
    ids=[
        "empty",
        "zeros",
        "cut",
        "utf16",
        "pdf",
        "blank",
        "no row",
        "twice",
        "long",
        "rows",
        "csv",
    ],
)
def test_what_is_no_table_of_ours_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_tables(content)
    assert refused.value.message


def test_cells_come_out_as_people_see_them() -> None:
    (table,) = read_tables(
        book(
            ["姓名", "日期", "金额", "是否", "月数", "空"],
            ["张建国 ", date(2027, 5, 20), 81234.5, True, 380.0, None],
            [None] * 6,
        )
    )
    assert table.rows == {2: ["张建国", "2027-05-20", "81234.5", "是", "380", ""]}
    assert table.cells(2)["金额"] == "81234.5"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_of_either_encoding_is_read(encoding: str) -> None:
    (table,) = read_tables("姓名,月数\n张建国,380\n\n".encode(encoding))
    assert (table.title, table.rows) == ("", {2: ["张建国", "380"]})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "220199196611200016", "007"])
def test_text_stays_text_and_no_formula_comes_to_life(text: str) -> None:
    content = write_book([Sheet("名册", ["一", "二"], [[text, ""]])], ["说明"])
    cell = load_workbook(io.BytesIO(content))["名册"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    (table,) = read_tables(content)
    assert table.rows == {2: [text, ""]}


def test_only_cells_to_fill_in_can_be_typed_in() -> None:
    content = write_book(
        [Sheet("名册", ["编号", "结果"], [["1", ""]], open_from=1, choices={"结果": ["是", "否"]})],
        ["说明"],
    )
    sheet = load_workbook(io.BytesIO(content))["名册"]
    assert sheet.protection.sheet
    assert sheet["A2"].protection.locked and not sheet["B2"].protection.locked
    assert sheet.data_validations.dataValidation[0].formula1 == '"是,否"'
