"""A template and what it may say → a finished file. Templates never reach Python itself.

Word templates hold ``{{ … }}`` and ``{%p … %}`` (a paragraph), ``{%tr … %}`` (a row of a table);
Excel templates ``{{ … }}`` in cells and one row ``{% for x in … %}`` repeated for a list; text
templates the same as notices.
"""

import io
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import ChainableUndefined, TemplateError

from engine.documents.names import FILTERS
from engine.documents.sheets import render_sheets
from engine.errors import EngineError, Invalid
from engine.media import DOCX, MOST_BYTES, TEXT, XLSX, Medium
from engine.template_language import TemplateLanguage

MEDIA: Mapping[str, Medium] = {".docx": DOCX, ".xlsx": XLSX, ".txt": TEXT}


def medium_of(template: str) -> Medium | None:
    """What a template makes, by its ending; None for an ending we do not render."""
    return MEDIA.get(PurePosixPath(template).suffix.lower())


def environment(*, escaped: bool) -> TemplateLanguage:
    """The environment of one rendering; what is not known (yet) prints as nothing.

    Args:
        escaped: for XML, as in Word files.
    """
    return TemplateLanguage(
        escaped=escaped,
        filters=FILTERS,
        undefined=ChainableUndefined,
        finalize=lambda value: "" if value is None else value,
    )


def render(template: str, content: bytes, names: Mapping[str, Any]) -> bytes:
    """Render a template.

    Args:
        template: its file name; the ending decides how it is rendered.
        content: the template file.
        names: all it may say.

    Raises:
        EngineError: it cannot be rendered with these data; do not retry with the same.
    """
    try:
        match medium_of(template):
            case medium if medium is DOCX:
                finished = _word(content, names)
            case medium if medium is XLSX:
                finished = render_sheets(content, environment(escaped=False), names)
            case _:
                source = content.decode()
                finished = environment(escaped=False).from_string(source).render(names).encode()
    except (TemplateError, Invalid, SyntaxError) as error:
        raise EngineError(f"文书模板“{template}”无法生成：{error}") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # what a template does with data of a kind it did not expect
        raise EngineError(f"文书模板“{template}”与办件数据不符：{error}") from error
    if len(finished) > MOST_BYTES:
        raise EngineError(f"文书模板“{template}”生成的文件过大。")
    return finished


def _word(content: bytes, names: Mapping[str, Any]) -> bytes:
    paper = DocxTemplate(io.BytesIO(content))
    try:
        paper.init_docx()
    except Exception:
        # a parser of others' meets what others wrote: whatever it stumbles over, the file is bad
        raise Invalid("文件已损坏，无法打开") from None
    paper.render(dict(names), environment(escaped=True), autoescape=True)
    finished = io.BytesIO()
    paper.save(finished)
    return finished.getvalue()
