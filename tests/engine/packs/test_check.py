"""Every planted mistake is found with its file, element and kind, and nothing else is."""

import re
from pathlib import Path

import handlers  # noqa: F401 - registers the agencies' operations
from engine.operations import operations
from engine.packs.check import check_pack, check_tree
from engine.packs.pack import Pack, read_pack
from tests.engine.bpmn import Process, document, error
from tests.engine.packs.operations import OPERATIONS

ROOT = Path(__file__).parents[3]
BROKEN = Path(__file__).parent / "broken"
RULES = [
    *(ROOT / "engine/packs/checks").glob("*.py"),
    *(ROOT / "engine/packs" / name for name in ("check.py", "pack.py", "diagram.py")),
    ROOT / "engine/decisions/reading.py",
]


def test_every_planted_mistake_is_found_and_nothing_else() -> None:
    found = {f"{p.file} {p.element or '-'} {p.code}" for p in check_tree(BROKEN, OPERATIONS)}
    expected = set((BROKEN / "expected.txt").read_text().splitlines())
    assert expected - found == set(), "not found"
    assert found - expected == set(), "found, though not planted"


def test_every_kind_of_mistake_is_planted() -> None:
    said = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')  # words of this shape are kinds and nothing else
    kinds = {kind for path in RULES for kind in said.findall(path.read_text())}
    planted = {line.split()[-1] for line in (BROKEN / "expected.txt").read_text().splitlines()}
    assert len(kinds) > 70
    assert kinds - planted - {"xml-too-large"} == set()  # two megabytes: see tests of the wall


def test_messages_are_sentences_in_chinese() -> None:
    for problem in check_tree(BROKEN, OPERATIONS):
        assert re.search(r"[\u4e00-\u9fff]{2}", problem.message), problem
        assert len(problem.message) < 300, problem


def test_the_packs_we_ship_are_without_mistakes() -> None:
    assert check_tree(ROOT, operations) == []


def sound() -> Pack:
    """A small pack without mistakes."""
    files = {
        path: content
        for path, content in read_pack(BROKEN, "data").files.items()
        if not path.endswith(".bpmn")
    }
    main = (
        Process("main")
        .start()
        .user(
            "fill", properties={"formJsonSchemaFilename": "apply.schema.json", "section": "items"}
        )
    )
    main.call("seal", "item", properties={"item": "fund"}).end()
    main.path("begin", "fill", "seal", "done")
    item = Process("item").start().gateway("exclusive", "again").end().end("given_up")
    item.service("ask", parameters={"amount": "1"}, properties={"section": "this.seal"})
    item.boundary("refused", "ask", error("REFUSED"))
    item.gateway("exclusive", "why", default="why_to_again")
    item.path("begin", "again", "ask", "done").path("refused", "why", "again")
    item.flow("why", "given_up", 'this.seal.reason_code == "REFUSED" and status == None')
    files["processes/data/main.bpmn"] = document(main, drawn=True)
    files["processes/data/item.bpmn"] = document(item, drawn=True, errors="REFUSED")
    return Pack("data", files)


def test_a_pack_without_mistakes_passes() -> None:
    assert check_pack(sound(), OPERATIONS) == []


def test_one_slip_in_a_sound_pack_gives_one_problem() -> None:
    files = dict(sound().files)
    path = "processes/data/item.bpmn"
    files[path] = files[path].replace(b"this.seal.reason_code", b"this.seal.reason_cod")
    (problem,) = check_pack(Pack("data", files), OPERATIONS)
    assert (problem.file, problem.element, problem.code) == (path, "why_to_given_up", "expression")
    assert "reason_cod" in str(problem)


def test_what_only_the_engine_can_tell_is_reported_too() -> None:
    """Data stores need classes of ours; the parser refuses the file."""
    files = dict(sound().files)
    path = "processes/data/main.bpmn"
    files[path] = files[path].replace(
        b"<bpmn:collaboration", b'<bpmn:dataStore id="store" name="store"/><bpmn:collaboration'
    )
    assert {p.code for p in check_pack(Pack("data", files), OPERATIONS)} == {"not-executable"}
