"""Diagrams drawn by the server: everything with a name is there, and names are only words."""

import re

from lxml import etree

from engine.packs.diagram import read_processes, read_xml
from tests.engine.bpmn import Process, document
from tests.stage import JILIN
from webapp.drawing import picture


def test_every_named_element_and_lane_of_a_diagram_is_in_its_picture() -> None:
    for process in JILIN.processes.values():
        drawn = etree.fromstring(str(picture(process, JILIN.bpmn(process.id))))
        texts = "".join(drawn.itertext())
        for node in process.nodes.values():
            assert all(letter in texts for letter in node.name), node.id
        assert drawn.get("aria-label") == f"{process.name}流程图"
        assert len(drawn.findall(".//{*}polyline")) == len(process.flows)


def test_a_name_is_never_markup() -> None:
    content = document(Process("main").start().end().path("begin", "done"), drawn=True)
    hostile = re.sub(rb'(<bpmn:endEvent id="done") name="[^"]*"', rb'\1 name="&lt;b&gt;x"', content)
    assert hostile != content
    (process,) = read_processes("main.bpmn", read_xml("main.bpmn", hostile))
    drawn = str(picture(process, hostile))
    assert "<b>" not in drawn and "&lt;b&gt;" in drawn
