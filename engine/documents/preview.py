"""A finished document as plain HTML, for reading and printing from a page.

What is shown is only text, tables and emphasis: mammoth reads the Word file, and everything it
gives is cut down to the elements below, without any attribute but those of table cells.
"""

import io
from typing import Any

import mammoth
from lxml import etree, html
from lxml.html import HtmlElement
from openpyxl import load_workbook

from engine.media import DOCX, XLSX

_KEPT = frozenset(
    {"div", "p", "table", "thead", "tbody", "tr", "td", "th", "strong", "em", "br", "ol", "ul",
     "li", "h1", "h2", "h3"}
)  # fmt: skip
_KEPT_ATTRIBUTES = frozenset({"colspan", "rowspan", "class"})
_STYLES = """
p[style-name='Normal'] => p:fresh
"""


def preview(content: bytes, media_type: str) -> str:
    """Return safe HTML of a document; empty when it can only be saved.

    Args:
        content: as issued.
        media_type: of the document.
    """
    if media_type == DOCX.type:
        found = mammoth.convert_to_html(io.BytesIO(content), style_map=_STYLES)
        return _plain(_aligned(found.value, content))
    if media_type == XLSX.type:
        return _sheets(content)
    return _plain(html.tostring(_text(content), encoding="unicode"))


def _aligned(said: str, content: bytes) -> str:
    """Mark paragraphs as the paper has them: centred, to the right, or indented."""
    from docx import Document as Word  # noqa: PLC0415 - reads the same file once more

    root: Any = html.fromstring(f"<div>{said}</div>")
    paragraphs = [p for p in Word(io.BytesIO(content)).paragraphs if p.text.strip()]
    shown = [p for p in root.iterchildren("p") if p.text_content().strip()]
    for seen, meant in zip(shown, paragraphs, strict=False):
        kind = {1: "is-centred", 2: "is-right"}.get(meant.alignment or 0, "")
        if meant.paragraph_format.first_line_indent:
            kind = "is-indented"
        size = meant.runs[0].font.size if meant.runs else None
        if size is not None and size.pt >= 20:
            kind = "is-title"
        if kind:
            seen.set("class", kind)
    return str(html.tostring(root, encoding="unicode"))


def _text(content: bytes) -> HtmlElement:
    holder = html.Element("div")
    for line in content.decode(errors="replace").splitlines():
        etree.SubElement(holder, "p").text = line
    return holder


def _sheets(content: bytes) -> str:
    holder = html.Element("div")
    for sheet in load_workbook(io.BytesIO(content), read_only=True).worksheets:
        table = etree.SubElement(holder, "table")
        for row in sheet.iter_rows(values_only=True):
            line = etree.SubElement(table, "tr")
            for value in row:
                etree.SubElement(line, "td").text = "" if value is None else str(value)
    return _plain(html.tostring(holder, encoding="unicode"))


def _plain(said: str) -> str:
    root: Any = html.fromstring(f"<div>{said}</div>")
    for element in list(root.iter()):
        if element is root:
            continue
        if element.tag not in _KEPT:
            element.drop_tag() if isinstance(element.tag, str) else element.drop_tree()
            continue
        for name in set(element.attrib) - _KEPT_ATTRIBUTES:
            del element.attrib[name]
    return str(html.tostring(root, encoding="unicode"))
