"""Templates reach data and nothing else; Excel sheets repeat a row and never hold a formula."""

import io
from typing import Any

import pytest
from docx import Document as Word
from openpyxl import Workbook, load_workbook

from engine.documents.preview import preview
from engine.documents.rendering import render
from engine.errors import EngineError
from engine.media import DOCX, TEXT, XLSX


def word(*paragraphs: str) -> bytes:
    made = Word()
    for text in paragraphs:
        made.add_paragraph(text)
    raw = io.BytesIO()
    made.save(raw)
    return raw.getvalue()


def sheet(rows: list[list[Any]], merged: str = "") -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    if merged:
        page.merge_cells(merged)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ person.__init__.__globals__ }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
        "{{ '%s'.format.__globals__ }}",
        "{{ range(10000000) | list | length }}",
        "{{ person.update({'name': 'x'}) }}",
        "{{ 1 // 0 }}",
        "{{ '2027' | date_cn }}",
    ],
)
def test_a_template_cannot_reach_python_or_change_data(source: str) -> None:
    person = {"name": "张建国"}
    try:
        said = render("a.txt", source.encode(), {"person": person})
    except EngineError:
        said = b""
    assert said == b"" and person == {"name": "张建国"}


def test_data_stay_data_in_word() -> None:
    hostile = "<w:p>{{ 1 + 1 }} & \"'"
    template = word("{{ person.name }}。{{ person.nothing }}")
    finished = render("a.docx", template, {"person": {"name": hostile}})
    assert [p.text for p in Word(io.BytesIO(finished)).paragraphs] == [f"{hostile}。"]
    shown = preview(finished, DOCX.type)
    assert "&lt;w:p&gt;{{ 1 + 1 }}" in shown and "<script" not in shown


def test_a_row_is_repeated_and_what_is_below_moves_down() -> None:
    template = sheet(
        [
            ["名单", None, None],
            ["{% for x in people %}{{ loop.index }}", "{{ x.name }}", "{{ x.months }}"],
            ["合计 {{ people | length }} 人", None, None],
        ],
        merged="A3:C3",
    )
    people = [{"name": "甲", "months": 12}, {"name": "=1+1", "months": 3}, {"name": "丙"}]
    book = load_workbook(io.BytesIO(render("a.xlsx", template, {"people": people})))
    page = book.active
    assert page is not None
    assert [[cell.value for cell in row] for row in page["A1:C5"]] == [
        ["名单", None, None],
        [1, "甲", 12],
        [2, "=1+1", 3],
        [3, "丙", None],
        ["合计 3 人", None, None],
    ]
    assert page["B3"].data_type == "s" and str(page.merged_cells.ranges) != "A3:C3"
    assert [str(one) for one in page.merged_cells.ranges] == ["A5:C5"]


def test_an_empty_list_leaves_no_template_behind() -> None:
    template = sheet([["{% for x in people %}{{ x.name }}"], ["完"]])
    page = load_workbook(io.BytesIO(render("a.xlsx", template, {"people": []}))).active
    assert page is not None and [page["A1"].value, page["A2"].value] == [None, "完"]


def test_previews_are_text_and_tables_only() -> None:
    assert "<td>甲</td>" in preview(sheet([["甲"]]), XLSX.type)
    shown = preview(b"<script>alert(1)</script>\nok", TEXT.type)
    assert "<script" not in shown and "&lt;script&gt;" in shown
