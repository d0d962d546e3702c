"""Every Chinese word that is shipped and may be seen on a page, and where it stands.

Templates, Python and packs are read as what they are (Jinja's and Python's own trees, JSON, TOML,
XML); what varies in a sentence becomes ``{0}``, ``{1}`` …
"""

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes
from lxml import etree

from webapp.translation.catalogue import CHINESE, decided, normal, numbered, trimmed

ROOT = Path(__file__).parents[2]
#: Read by nobody at a page: the command line, checks of packs, stories, the agencies' sandbox.
_UNSEEN = re.compile(
    r"webapp/(cli|translation|demo|api/|visitor|supervision)"
    r"|engine/(migrations|spiff|embedded|leaks|scratch|wiring|forms/checking|forms/patterns)"
    r"|engine/packs/(check|reports|strict|diagram)"
    r"|handlers/(sandbox|scenario|worker)"
)
#: Settings of a region that stay Chinese: they go into papers and notices or name files and rows.
_UNTRANSLATED = {"policies", "templates", "notices"}
_TAG = re.compile(r"<[^>]*>")
_SHOWN = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-[a-z-]+|value)="([^"]*)"')
#: Markup and expressions made in Python.
_CODE = re.compile(r"<\w|\[0-9\]")
_HOLE = "\ue000"


def sources() -> dict[str, dict[str, list[str]]]:
    """Catalogue → word → the files it stands in."""
    found: dict[str, dict[str, list[str]]] = {}
    for catalogue, path, words in _files():
        for word in words:
            if CHINESE.search(word) and not _CODE.search(word):
                places = found.setdefault(catalogue, {}).setdefault(word, [])
                if path not in places:
                    places.append(path)
    return found


def untranslated() -> dict[str, list[str]]:
    """The words nobody has decided about, and where each stands."""
    known = decided()
    return {
        word: places
        for found in sources().values()
        for word, places in found.items()
        if word not in known
    }


def _files() -> Iterator[tuple[str, str, Iterable[str]]]:
    for path in sorted((ROOT / "webapp" / "templates").rglob("*.html")):
        yield "pages", _name(path), _template(path.read_text("utf-8"))
    for folder in ("webapp", "engine", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not _UNSEEN.search(_name(path)):
                yield "messages", _name(path), _python(path.read_text("utf-8"))
    for path in sorted((ROOT / "forms").glob("*/*.json")):
        yield path.parent.name, _name(path), _texts(json.loads(path.read_text("utf-8")))
    for path in sorted((ROOT / "processes").glob("*/region.toml")):
        yield path.parent.name, _name(path), _texts(tomllib.loads(path.read_text("utf-8")))
    for path in sorted((ROOT / "processes").glob("*/*.bpmn")):
        yield path.parent.name, _name(path), _diagram(path)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _template(source: str) -> Iterator[str]:
    """The text between tags, shown attributes, and words in expressions."""
    tree = Environment(trim_blocks=True, lstrip_blocks=True).parse(source)  # noqa: S701 - read only
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            yield normal(constant.value)
    for output in tree.find_all(nodes.Output):
        text = "".join(
            part.data if isinstance(part, nodes.TemplateData) else _HOLE for part in output.nodes
        )
        for shown in (*_TAG.split(text), *_SHOWN.findall(text)):
            if "<" not in shown and ">" not in shown:
                yield _sentence(shown)


def _python(source: str) -> Iterator[str]:
    """Every string that is not a docstring; a formatted one with its holes."""
    tree = ast.parse(source)
    inside = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield _sentence(
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else _HOLE
                    for part in node.values
                )
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in inside:
            yield _sentence(re.sub(r"\{[^{}]*\}", _HOLE, str(node.value)))


def _docstrings(tree: ast.AST) -> set[int]:
    """Strings that stand alone as a statement."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _texts(value: Any) -> Iterator[str]:
    """Every text of a form or of a region's settings; keys are names lanes are shown by."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _UNTRANSLATED:
                continue
            yield normal(key)
            if key == "documents":  # what is printed on papers stays Chinese
                yield from (normal(paper.get("title", "")) for paper in inner.values())
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield normal(value)


def _diagram(path: Path) -> Iterator[str]:
    for element in etree.parse(path).iter():
        if name := element.get("name"):
            yield normal(name)


def _sentence(text: str) -> str:
    return numbered(trimmed(normal(text))[1], _HOLE)
