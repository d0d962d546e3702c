"""Reading a pack: overlays, look-ups, releases."""

import json
from pathlib import Path

import pytest

from engine.errors import NotFound, PackInvalid
from engine.packs.pack import Pack, manifest, read_pack
from tests.engine.bpmn import Process, document

TOML = """
code = "{code}"
title = "示例"
short_title = "示例"
{parent}
effective_from = 2024-01-01
numbering = {{ prefix = "CS" }}
policies = []
lanes = {{}}
agencies = {{}}
processes = {{}}
"""


def write(root: Path, path: str, content: str | bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content.encode() if isinstance(content, str) else content)


def form(title: str) -> str:
    return json.dumps({"title": title, "type": "object", "properties": {}})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A county in a province, and what they share."""
    write(tmp_path, "processes/county/region.toml", TOML.format(code="county", parent=""))
    county = TOML.format(code="county", parent='parent = "province"')
    write(tmp_path, "processes/county/region.toml", county)
    write(tmp_path, "processes/province/region.toml", TOML.format(code="province", parent=""))
    write(tmp_path, "processes/province/notices/closing.txt", "省\n\n正文")
    write(tmp_path, "processes/province/notices/receipt.txt", "省回执\n\n正文")
    write(tmp_path, "processes/county/notices/closing.txt", "县\n\n正文")
    write(tmp_path, "processes/county/scenarios/story.yaml", "title: x")
    write(tmp_path, "processes/county/tables.dmn", "<apply/> <again/>")
    write(tmp_path, "forms/common/apply.schema.json", form("通用"))
    write(tmp_path, "forms/common/apply.ui.json", '{"ui:order": []}')
    write(tmp_path, "forms/common/again.schema.json", form("通用"))
    write(tmp_path, "forms/province/apply.schema.json", form("省"))
    main = Process("main").start().call("one", "first").call("two", "second").end()
    main.path("begin", "one", "two", "done")
    inner = Process("first").start().call("deep", "second").end().path("begin", "deep", "done")
    write(tmp_path, "processes/province/main.bpmn", document(main))
    write(tmp_path, "processes/province/first.bpmn", document(inner))
    second = Process("second").start().end().path("begin", "done")
    write(tmp_path, "processes/common/second.bpmn", document(second))
    return tmp_path


def test_a_nearer_file_replaces_the_one_further_away(root: Path) -> None:
    county, province = read_pack(root, "county"), read_pack(root, "province")
    assert county.notice("closing").startswith("县")
    assert county.notice("receipt").startswith("省回执")
    assert province.notice("closing").startswith("省")
    assert county.form("apply").title == "省"
    assert county.form("apply").ui == {"ui:order": []}
    assert county.form("again").title == "通用"
    assert county.config.code == "county"
    assert county.config.title == "示例"


def test_scenarios_are_no_part_of_what_a_case_runs_by(root: Path) -> None:
    assert not any("scenarios" in path for path in read_pack(root, "county").files)


def test_processes_are_found_by_id_and_listed_as_they_are_called(root: Path) -> None:
    pack = read_pack(root, "county")
    assert set(pack.processes) == {"main", "first", "second"}
    assert pack.called_from("main") == ["main", "first", "second"]
    assert pack.process_title("first") == "first"
    assert b'id="second"' in pack.bpmn("second")


def test_a_pack_rebuilt_from_its_files_is_the_same(root: Path) -> None:
    pack = read_pack(root, "county")
    again = Pack.from_files("county", dict(pack.files))
    assert manifest(again) == manifest(pack)
    assert again.form("apply").schema == pack.form("apply").schema
    assert again.config == pack.config


def test_shared_files_nobody_names_are_left_out(root: Path) -> None:
    write(root, "forms/common/elsewhere.schema.json", form("别处"))
    write(root, "processes/county/clauses.csv", "id,clause_zh\nX-1,as elsewhere")  # people's words
    assert "forms/common/elsewhere.schema.json" not in read_pack(root, "county").files
    assert "forms/common/elsewhere.schema.json" in {**_naming(root, "elsewhere").files}


def _naming(root: Path, name: str) -> Pack:
    write(root, "processes/county/more.dmn", f"<{name}/>")
    return read_pack(root, "county")


def test_a_manifest_changes_with_any_file(root: Path) -> None:
    before = manifest(read_pack(root, "county"))
    write(root, "forms/common/again.schema.json", form("改"))
    after = manifest(read_pack(root, "county"))
    assert [path for path in before if before[path] != after[path]] == [
        "forms/common/again.schema.json"
    ]


@pytest.mark.parametrize(
    "ask",
    [
        lambda pack: pack.form("nothing"),
        lambda pack: pack.notice("nothing"),
        lambda pack: pack.bpmn("nothing"),
        lambda pack: pack.called_from("nothing"),
        lambda pack: pack.notice("../../../secret"),
    ],
)
def test_what_is_not_there_is_not_found(root: Path, ask: object) -> None:
    with pytest.raises(NotFound):
        ask(read_pack(root, "county"))  # type: ignore[operator]


def test_an_unknown_region_is_not_found(root: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        read_pack(root, "nowhere")


def test_settings_tell_every_mistake_at_once(root: Path) -> None:
    write(root, "processes/county/region.toml", 'code = "county"\ncolour = 1\n')
    with pytest.raises(PackInvalid) as refused:
        _ = read_pack(root, "county").config
    found = {problem.element for problem in refused.value.problems}
    assert {"title", "colour", "numbering", "processes"} <= found


def test_settings_are_merged_into_those_of_the_parent(root: Path) -> None:
    province = (
        TOML.format(code="province", parent="")
        + '[parameters]\ndays = {value = 5, reason = "省"}\nmonths = {value = 1, reason = "省"}\n'
    )
    write(root, "processes/province/region.toml", province)
    county = 'code = "county"\nparent = "province"\ntitle = "县"\n[parameters.days]\nvalue = 3\n'
    write(root, "processes/county/region.toml", county)

    pack = Pack.from_files("county", dict(read_pack(root, "county").files))

    assert (pack.config.code, pack.config.parent, pack.config.title) == ("county", "province", "县")
    assert pack.config.short_title == "示例"
    assert {code: one.value for code, one in pack.config.parameters.items()} == {
        "days": 3,
        "months": 1,
    }
    assert pack.config.parameters["days"].reason == "省"
    assert read_pack(root, "province").config.parameters["days"].value == 5


def test_a_region_leaves_out_what_it_has_not(root: Path) -> None:
    days = 'days = {value = 5, reason = "省"}\nmonths = {value = 1, reason = "省"}\n'
    province = TOML.format(code="province", parent="") + f"[parameters]\n{days}"
    write(root, "processes/province/region.toml", province)
    county = 'code = "county"\nparent = "province"\n[parameters]\ndays = false\n'
    write(root, "processes/county/region.toml", county)
    assert set(read_pack(root, "county").config.parameters) == {"months"}


def test_what_is_wrong_in_the_parent_is_wrong_in_the_region(root: Path) -> None:
    write(root, "processes/province/region.toml", "colour = 1\ncode = 'province'\n")
    with pytest.raises(PackInvalid) as refused:
        _ = read_pack(root, "county").config
    assert "colour" in {problem.element for problem in refused.value.problems}


def test_a_circle_of_parents_does_not_hang(root: Path) -> None:
    province = TOML.format(code="province", parent='parent = "county"')
    write(root, "processes/province/region.toml", province)
    assert read_pack(root, "county").notice("receipt")
