"""The measured pack keeps to the rules, and stays the same work as the baseline's diagram."""

from collections import Counter
from pathlib import Path

from lxml import etree

import handlers  # noqa: F401 - registers the operations
from engine.operations import operations
from engine.packs.check import check_tree
from engine.packs.diagram import MODEL
from engine.packs.pack import read_pack

BENCH = Path(__file__).parents[2] / "bench"
COUNTED = ("userTask", "serviceTask", "exclusiveGateway", "parallelGateway", "sequenceFlow")


def elements(diagram: bytes) -> Counter[str]:
    """How many elements of each counted kind a diagram has."""
    kinds = (
        etree.QName(element).localname
        for element in etree.fromstring(diagram).iter(f"{{{MODEL}}}*")
    )
    return Counter(kind for kind in kinds if kind in COUNTED)


def test_the_measured_pack_has_no_mistakes() -> None:
    assert check_tree(BENCH / "pack", operations) == []


def test_both_diagrams_are_the_same_work() -> None:
    ours = elements(read_pack(BENCH / "pack", "bench").bpmn("bench_case"))
    assert ours == elements((BENCH / "baseline" / "w.bpmn").read_bytes())
    assert (ours["userTask"], ours["serviceTask"]) == (6, 4)
