"""Whatever is uploaded: taken for what it is or refused in a sentence; no crash, no flood."""

import io
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
from docx import Document as Word
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from engine.calendar_sheet import read_calendar_file, read_calendar_text
from engine.documents.preview import preview
from engine.documents.rendering import render
from engine.errors import EngineError, Invalid
from engine.media import ACCEPTED, DOCX, XLSX, file_name, recognise
from engine.packs.checks.documents import _template
from engine.sheets import Sheet, read_tables, write_book
from tests.fuzz.budget import examples
from tests.fuzz.values import texts
from tests.media import JPEG, PDF, png

Members = dict[str, bytes]


class Upload(bytes):
    """Bytes that do not fill a screen when they are shown."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes, {zlib.crc32(self):x}>"


@cache
def _book() -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    for row in (
        ("日期", "类型", "名称"),
        (date(2027, 10, 1), "休", "国庆"),
        ("2027-10-09", "班", ""),
    ):
        page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@cache
def _paper() -> bytes:
    paper, content = Word(), io.BytesIO()
    paper.add_paragraph("{{ person.name }} 您好")
    paper.add_table(2, 2).cell(0, 0).text = "{% if fund %}有{% endif %}"
    paper.save(content)
    return content.getvalue()


def _members(content: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _pack(members: Members) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in members.items():
            packed.writestr(name, part)
    return content.getvalue()


def _damaged(content: bytes) -> st.SearchStrategy[bytes]:
    place = st.integers(0, len(content) - 1)
    piece = st.binary(max_size=6)
    flipped = st.tuples(place, piece).map(lambda x: content[: x[0]] + x[1] + content[x[0] + 1 :])
    cut = place.map(lambda at: content[:at])
    return (flipped | cut).map(Upload)


def _repacked(content: bytes) -> st.SearchStrategy[bytes]:
    """The same package with one part damaged, removed, replaced, or one more."""
    members = _members(content)
    names = st.sampled_from(sorted(members))

    def damage(drawn: tuple[str, int, bytes, str]) -> bytes:
        name, at, piece, what = drawn
        part, changed = members[name], dict(members)
        match what:
            case "cut":
                changed[name] = part[: at % (len(part) + 1)]
            case "flip":
                at %= len(part) + 1
                changed[name] = part[:at] + piece + part[at + len(piece) :]
            case "empty":
                changed[name] = b""
            case "without":
                del changed[name]
            case "deep":
                changed[name] = b"<a>" * 3_000
            case "other":
                changed[name] = members["[Content_Types].xml"]
        return Upload(_pack(changed))

    ways = st.sampled_from(["cut", "flip", "empty", "without", "deep", "other"])
    return st.tuples(names, st.integers(0, 5000), st.binary(min_size=1, max_size=5), ways).map(
        damage
    )


def _is_taken_or_refused(read: Callable[[bytes], object], content: bytes) -> None:
    try:
        read(content)
    except EngineError as error:
        assert error.message


def read_calendar(content: bytes) -> object:
    """A sheet of holidays."""
    return read_calendar_file("x.xlsx", content, title="通知", source="")


books = _damaged(_book()) | _repacked(_book())
papers = _damaged(_paper()) | _repacked(_paper())
pictures = st.one_of(*(_damaged(one) for one in (PDF, JPEG, png(4, 4))))
strange = st.binary(max_size=300) | st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail)


@examples(150)
@given(books | papers | pictures | strange)
def test_an_attachment_is_recognised_or_refused(content: bytes) -> None:
    try:
        assert recognise(content) in ACCEPTED
    except Invalid as error:
        assert error.message


@examples(200)
@given(books | strange)
def test_a_workbook_is_read_or_refused(content: bytes) -> None:
    _is_taken_or_refused(read_tables, content)
    _is_taken_or_refused(read_calendar, content)
    _is_taken_or_refused(lambda c: render("x.xlsx", c, {"person": {"name": "甲"}}), content)


@examples(120)
@given(papers | strange)
def test_a_paper_is_rendered_checked_or_refused(content: bytes) -> None:
    _is_taken_or_refused(lambda c: render("x.docx", c, {"person": {"name": "甲"}}), content)
    for problem in _template("x.docx", content, {"person": {"name"}, "fund": None}):
        assert problem.message


@examples(150)
@given(
    st.sampled_from(["csv", "txt", "json", "xlsx", "exe", ""]),
    st.binary(max_size=200)
    | st.lists(st.lists(texts | st.just("2027-10-01") | st.just("休"), max_size=4)).map(
        lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
    ),
)
def test_a_calendar_of_any_kind_is_read_or_refused(ending: str, content: bytes) -> None:
    _is_taken_or_refused(
        lambda c: read_calendar_file(f"x.{ending}", c, title="通知", source=""), content
    )
    _is_taken_or_refused(read_tables, content)


@examples(100)
@given(texts | st.text(alphabet=",\t \"'\r\n2027-休班", max_size=40))
def test_a_pasted_calendar_is_read_or_refused(text: str) -> None:
    try:
        read_calendar_text(text, title="通知", source="")
    except Invalid as error:
        assert error.message


@examples(150)
@given(texts)
def test_a_name_of_a_file_is_made_safe(name: str) -> None:
    for medium in ACCEPTED:
        safe = file_name(name, medium)
        assert safe.endswith(medium.endings)
        assert not set(safe) & set('/\\<>:"|?*\0\r\n')
        assert not safe.startswith(".")
        assert len(safe) <= 120


@examples(100)
@given(st.lists(st.lists(texts, min_size=2, max_size=2), min_size=1, max_size=5))
def test_nothing_people_wrote_becomes_a_formula_in_what_goes_out(rows: list[list[str]]) -> None:
    content = write_book([Sheet("名单", ["甲", "乙"], rows)], ["说明"])
    for line in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows():
        assert all(cell.data_type != "f" for cell in line)
    assert "<f>" not in _members(content)["xl/worksheets/sheet1.xml"].decode()


# ---------------------------------------------------------------- known by name

DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'


def _with(content: bytes, name: str, part: bytes) -> bytes:
    return _pack({**_members(content), name: part})


def _sheet(xml: bytes) -> bytes:
    return _with(_book(), "xl/worksheets/sheet1.xml", xml)


def _declaring(before: bytes = b"") -> bytes:
    """The sheet of ``_book`` with entities that mean something to whoever resolves them."""
    sheet = _members(_book())["xl/worksheets/sheet1.xml"]
    return before + DOCTYPE + sheet.replace(b"</sheetData>", b"</sheetData><!-- &b; -->")


PADDING = b"<!--" + b" " * 70_000 + b"-->"
HOSTILE_BOOKS = {
    "entities": _sheet(_declaring()),
    "entities behind a long comment": _sheet(_declaring(PADDING)),
    "entities in utf-16": _sheet(_declaring().decode().encode("utf-16")),
    "a sheet under another name": _pack(
        {
            **{
                name: part.replace(b"worksheets/sheet1.xml", b"worksheets/sheet1.png")
                for name, part in _members(_book()).items()
                if not name.endswith("sheet1.xml")
            },
            "xl/worksheets/sheet1.png": _declaring(),
        }
    ),
    "macros": _with(_book(), "xl/vbaProject.bin", b"\xd0\xcf"),
    "links to elsewhere": _with(_book(), "xl/externalLinks/externalLink1.xml", b"<a/>"),
    "an embedded program": _with(_book(), "xl/embeddings/oleObject1.bin", b"MZ"),
    "a connection": _with(_book(), "xl/connections.xml", b"<connections/>"),
    "a bomb": _with(_book(), "xl/worksheets/sheet2.xml", b" " * (70 * 1024 * 1024)),
}


@pytest.mark.parametrize("name", HOSTILE_BOOKS)
def test_a_hostile_workbook_is_refused_wherever_workbooks_come_in(name: str) -> None:
    for read in (read_tables, read_calendar):
        with pytest.raises(Invalid):
            read(HOSTILE_BOOKS[name])


def test_a_package_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(_with(_book(), "xl/media/image1.png", b"\0" * 1_000_000))
    truth = (1_000_000).to_bytes(4, "little")
    lie = bytes(content).replace(truth, (10).to_bytes(4, "little"))
    assert lie != bytes(content)
    with pytest.raises(Invalid):
        read_tables(lie)


def test_paths_that_climb_out_of_a_package_lead_nowhere() -> None:
    members = {**_members(_book()), "../../../../tmp/evil.xml": b"<a/>", "/etc/evil.xml": b"<a/>"}
    assert read_tables(_pack(members))[0].headings == ["日期", "类型", "名称"]


def test_too_many_parts_and_a_password_are_refused() -> None:
    many = {**_members(_book()), **{f"xl/x{n}.bin": b"" for n in range(5001)}}
    with pytest.raises(Invalid, match="过大"):
        recognise(_pack(many))
    locked = bytearray(_book())
    start = locked.index(b"PK\x01\x02")
    locked[start + 8] |= 1
    with pytest.raises(Invalid, match="密码"):
        recognise(bytes(locked))


def test_a_page_shows_no_script_of_a_paper() -> None:
    paper, content = Word(), io.BytesIO()
    paper.add_paragraph("<script>alert(1)</script>")
    paper.save(content)
    shown = preview(content.getvalue(), DOCX.type)
    assert "<script" not in shown
    assert "<script" not in preview(_book(), XLSX.type)


def test_compression_of_other_kinds_is_read_or_refused() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", method) as packed:
            for name, part in _members(_book()).items():
                packed.writestr(name, part)
        _is_taken_or_refused(read_tables, content.getvalue())
    broken = _book().replace(zlib.compress(b"")[:2], b"\0\0")
    _is_taken_or_refused(read_tables, broken)
