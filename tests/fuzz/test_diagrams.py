"""Whatever is done to a diagram or a decision table: `check` reports or accepts, never crashes."""

import re
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import handlers  # noqa: F401 - registers the operations
from engine.decisions.reading import read_table
from engine.errors import PackInvalid
from engine.operations import operations
from engine.packs.check import check_pack
from engine.packs.diagram import read_processes, read_xml
from engine.packs.pack import Pack, read_pack
from tests.engine.packs.operations import OPERATIONS
from tests.engine.packs.test_check import sound
from tests.fuzz.budget import examples
from tests.fuzz.test_forms import REGIONS
from tests.fuzz.values import texts
from tests.stage import ROOT

DECLARED = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x.dtd"> %a;]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    b'<?xml-stylesheet href="http://127.0.0.1:1/x.xsl" type="text/xsl"?>',
)


@cache
def _shipped() -> dict[str, tuple[str, bytes]]:
    """Diagram or table → its region and content."""
    found: dict[str, tuple[str, bytes]] = {}
    for region in REGIONS:
        for path, content in read_pack(ROOT, region).files.items():
            if path.endswith((".bpmn", ".dmn")):
                found[path] = (region, content)
    return found


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """The XML with up to six things removed, renamed, doubled, moved or declared."""
    root = etree.fromstring(content)
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter(tag=etree.Element))
        one = elements[draw(st.integers(0, len(elements) - 1))]
        parent = one.getparent()
        match draw(st.sampled_from(["drop", "attribute", "text", "rename", "double", "move"])):
            case "drop" if parent is not None:
                parent.remove(one)
            case "attribute" if one.attrib:
                name = draw(st.sampled_from(sorted(one.attrib)))
                value = draw(st.none() | texts | _other(elements))
                if value is None:
                    del one.attrib[name]
                else:
                    one.set(name, _written(value))
            case "text":
                one.text = _written(draw(texts))
            case "rename":
                one.tag = elements[draw(st.integers(0, len(elements) - 1))].tag
            case "double" if parent is not None:
                parent.append(etree.fromstring(etree.tostring(one)))
            case "move" if parent is not None:
                into = elements[draw(st.integers(0, len(elements) - 1))]
                if one not in into.iterancestors() and into is not one:
                    into.append(one)
    written = etree.tostring(root)
    if draw(st.integers(0, 9)) == 0:
        written = draw(st.sampled_from(DECLARED)) + written
    return written


def _other(elements: list[etree._Element]) -> st.SearchStrategy[str]:
    return st.sampled_from([one.get("id") or "x" for one in elements[:200]])


def _written(text: str) -> str:
    """What XML can hold of a text."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd]", "", text)


SOUND = sound()
MAIN, ITEM = (SOUND.files[f"processes/data/{name}.bpmn"] for name in ("main", "item"))


@examples(60)
@given(mutations(MAIN), mutations(ITEM))
def test_a_small_pack_with_damaged_diagrams_is_checked_to_the_end(main: bytes, item: bytes) -> None:
    files = {"processes/data/main.bpmn": main, "processes/data/item.bpmn": item}
    for problem in check_pack(Pack("data", {**SOUND.files, **files}), OPERATIONS):
        assert problem.message


@examples(60)
@given(st.data())
def test_a_damaged_file_of_ours_is_read_or_refused(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(_shipped())))
    content = data.draw(mutations(_shipped()[path][1]))
    try:
        if path.endswith(".dmn"):
            read_table(path, content)
        else:
            read_processes(path, read_xml(path, content))
    except PackInvalid as error:
        assert all(problem.message for problem in error.problems)


@examples(3)
@given(st.data())
def test_a_region_with_a_damaged_file_is_checked_to_the_end(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(_shipped())))
    region, content = _shipped()[path]
    files = {**read_pack(ROOT, region).files, path: data.draw(mutations(content))}
    for problem in check_pack(Pack(region, files), operations):
        assert problem.message


EXTREMES = (
    *(b"<a>" * 100_000, b"<a " + b"b='c' " * 50_000 + b"/>", b"<a b='" + b"c" * 1_900_000 + b"'/>"),
    *("<a/>".encode("utf-16"), b"<?xml version='1.0' encoding='utf-7'?><a/>"),
    b"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>",
    *(one + b"<definitions>&a;</definitions>" for one in DECLARED),
)
written = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))


@examples(60)
@given(st.binary(max_size=200) | written | st.sampled_from(EXTREMES))
def test_bytes_of_any_kind_are_read_or_refused(content: bytes) -> None:
    files = {"processes/data/main.bpmn": content, "processes/data/other.dmn": content}
    assert check_pack(Pack("data", {**SOUND.files, **files}), OPERATIONS)
