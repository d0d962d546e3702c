"""Notices from the files an office has. The years are invented."""

import io
import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from engine.calendar import WorkCalendar, YearNotice
from engine.calendar_sheet import read_calendar_file, read_calendar_text
from engine.errors import Invalid

ROWS: list[tuple[Any, ...]] = [
    ("日期", "类型", "节日"),
    (date(2033, 1, 1), "休", "元旦"),
    ("2033-01-02", "放假", "元旦"),
    ("2033年1月8日", "班", "元旦"),
    (None, None, None),
    ("2033/5/1", "休", "劳动节"),
    ("2033.5.2", "休", ""),
    ("2033-04-30", "补班", ""),
]


def check(notice: YearNotice) -> None:
    assert (notice.year, notice.title, notice.status) == (2033, "测试通知", "published")
    assert [(one.name, str(one.first), str(one.last)) for one in notice.holidays] == [
        ("元旦", "2033-01-01", "2033-01-02"),
        ("劳动节", "2033-05-01", "2033-05-02"),
    ]
    assert [[str(day) for day in one.make_up] for one in notice.holidays] == [
        ["2033-01-08"],
        ["2033-04-30"],
    ]
    assert WorkCalendar([notice]).is_working_day(date(2033, 4, 30))


def test_a_workbook_of_days_is_a_notice() -> None:
    book, kept = Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(kept)
    check(read_calendar_file("通知.xlsx", kept.getvalue(), title="测试通知", source=""))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_of_days_is_a_notice(encoding: str) -> None:
    text = "\n".join(",".join("" if c is None else str(c) for c in row) for row in ROWS)
    check(read_calendar_file("通知.CSV", text.encode(encoding), title=" 测试通知 ", source=""))


def test_pasted_rows_are_a_notice() -> None:
    text = "\n".join(" ".join(str(c) for c in row if c is not None) for row in ROWS)
    check(read_calendar_text(text, title="测试通知", source=""))


def test_json_is_taken_as_it_is() -> None:
    raw = {"year": 2033, "title": "通知", "status": "published", "holidays": []}
    assert (
        read_calendar_file("2033.json", json.dumps(raw).encode(), title="", source="").year == 2033
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"{", "JSON"),
        ("a.json", b"[]", "JSON"),
        ("a.xlsx", b"PK not a workbook", "工作簿"),
        ("a.csv", b"\xff\xfe\x81", "UTF-8"),
        ("a.pdf", b"%PDF", "请上传"),
        ("a", b"", "请上传"),
        ("a.csv", b"", "没有放假日"),
        ("a.csv", "2033-02-30,休".encode(), "第 1 行"),
        ("a.csv", "2033-01-01,节".encode(), "“休”或“班”"),
        ("a.csv", b"2033-01-01", "“休”或“班”"),
        ("a.csv", "soon,休".encode(), "不是日期"),
        ("a.csv", "2033-01-01,休\n2031-01-01,休".encode(), "不属于 2033 年"),
        ("a.csv", "\n".join(["2033-01-01,休"] * 401).encode(), "400"),
    ],
)
def test_what_is_no_notice_is_refused_in_words(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_calendar_file(name, content, title="通知", source="")


def test_a_sheet_needs_a_title_and_tells_all_wrong_rows() -> None:
    with pytest.raises(Invalid) as caught:
        read_calendar_text("2033-01-01 休", title=" ", source="")
    assert list(caught.value.errors) == ["title"]
    with pytest.raises(Invalid) as caught:
        read_calendar_text("x 休\n2033-01-01 休\ny 休", title="通知", source="")
    assert list(caught.value.errors) == ["第 1 行", "第 3 行"]


@given(st.text(max_size=60))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    with suppress(Invalid):
        read_calendar_text(text, title="通知", source="")
