"""A page in English: the same page, its words exchanged where English for them is known.

What people typed, values that are sent back, and official papers are left alone.
"""

from collections.abc import Callable
from functools import cache

from lxml import html
from lxml.html import HtmlElement

from webapp.translation.catalogue import CHINESE, Catalogue

_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "label", "data-shortcut-label")
_UNREAD = {"script", "style", "textarea", "template"}
_INLINE = {"a", "abbr", "b", "button", "code", "em", "i", "small", "span", "strong", "time"}
_BUTTONS = {"submit", "button", "reset"}
_PARSER = html.HTMLParser(encoding="utf-8")


#: A Chinese text → its English, if any.
Lookup = Callable[[str], str | None]


def in_english(page: str, catalogue: Catalogue) -> str:
    """Translate a whole page; what still is Chinese is marked so for screen readers.

    Args:
        page: HTML from ``<!doctype html>`` on.
    """
    root = html.document_fromstring(page.encode(), parser=_PARSER)
    root.set("lang", "en")
    _translate(root, cache(catalogue.english))  # for this page only: words repeat, and names go
    return str(html.tostring(root, encoding="unicode", doctype="<!doctype html>"))


def _translate(root: HtmlElement, english: Lookup) -> None:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str) or _stays(element):
            continue
        _attributes(element, english)
        if element.tag == "option" and element.get("value") is None:
            element.set("value", (element.text or "").strip())  # what is sent stays Chinese
        unknown = _own_text(element, english)
        if unknown and element.tag not in ("html", "head", "body", "title"):
            element.set("lang", "zh-CN")
        for child in element:
            if unknown and isinstance(child.tag, str) and child.get("lang") is None:
                child.set("lang", "en")
            waiting.append(child)


def _stays(element: HtmlElement) -> bool:
    return (
        element.tag in _UNREAD
        or element.get("translate") == "no"
        or element.get("lang", "en") != "en"
    )


def _attributes(element: HtmlElement, english: Lookup) -> None:
    names = [name for name in _ATTRIBUTES if name in element.attrib]
    if element.tag == "input" and element.get("type") in _BUTTONS and element.get("name") is None:
        names.append("value")
    for name in names:
        text = element.get(name) or ""
        if CHINESE.search(text) and (found := english(text)):
            element.set(name, found.strip())


def _own_text(element: HtmlElement, english: Lookup) -> bool:
    """Translate the text of an element and what follows its children; tell whether any is left."""
    children = list(element)
    said, unknown = _said(
        element.text, english, _beside(element), children[0] if children else None
    )
    if said != element.text:  # a text that stays may hold what lxml does not take
        element.text = said
    for position, child in enumerate(children):
        following = children[position + 1] if position + 1 < len(children) else None
        said, left = _said(child.tail, english, child, following)
        if said != child.tail:
            child.tail = said
        unknown = unknown or left
    return unknown


def _said(
    text: str | None,
    english: Lookup,
    before: HtmlElement | None,
    after: HtmlElement | None,
) -> tuple[str | None, bool]:
    """A run of text in English, and whether it stays Chinese.

    Chinese stands close to what is beside it; English words need a space.
    """
    if text is None or not CHINESE.search(text):
        return text, False
    found = english(text)
    if found is None:
        return text, True
    start = text[: len(text) - len(text.lstrip())]
    end = text[len(text.rstrip()) :]
    found = found.strip()
    if not start and _is_inline(before) and (found[0].isalnum() or found[0] in '("'):
        start = " "
    if not end and _is_inline(after) and (found[-1].isalnum() or found[-1] in ",;:."):
        end = " "
    return start + found + end, False


def _beside(element: HtmlElement) -> HtmlElement | None:
    """What an inline element touches on its left."""
    before = element.getprevious()
    return before if _is_inline(element) and before is not None and not before.tail else None


def _is_inline(element: HtmlElement | None) -> bool:
    return element is not None and element.tag in _INLINE
