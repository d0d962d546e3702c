"""``yijianshi check``: all mistakes at once, each with its place."""

import json
import shutil
from pathlib import Path

from tests.webapp.cli.command import yijianshi

ROOT = Path(__file__).parents[3]
BROKEN = ROOT / "tests" / "engine" / "packs" / "broken"


def test_the_packs_we_ship_pass() -> None:
    result = yijianshi("check")

    assert (result.exit_code, result.output) == (0, "检查通过，没有问题。\n")


def test_every_mistake_is_a_line_of_file_element_and_message() -> None:
    result = yijianshi("check", str(BROKEN))

    *lines, count = result.output.splitlines()
    assert result.exit_code == 1
    assert count == f"共 {len(lines)} 处问题。"
    assert len(lines) > 100
    for line in lines:
        file, element, message = line.split(": ", 2)
        assert file.startswith(("processes/", "forms/"))
        assert element
        assert message


def test_a_path_narrows_what_is_listed() -> None:
    everything = json.loads(yijianshi("check", "--json", str(BROKEN)).output)
    folder = json.loads(yijianshi("check", "--json", str(BROKEN / "processes/flows")).output)
    file = json.loads(
        yijianshi("check", "--json", str(BROKEN / "forms/forms/wrong.schema.json")).output
    )

    assert {one["file"] for one in folder} < {one["file"] for one in everything}
    assert all(one["file"].startswith("processes/flows/") for one in folder)
    assert {one["file"] for one in file} == {"forms/forms/wrong.schema.json"}


def test_programs_get_a_list_of_file_element_code_and_message() -> None:
    problems = json.loads(yijianshi("check", str(BROKEN), "--json").output)

    assert all(set(one) == {"file", "element", "code", "message"} for one in problems)
    assert json.loads(yijianshi("check", "--json").output) == []


def test_a_mistake_made_in_our_own_pack_is_found(tmp_path: Path) -> None:
    for folder in ("processes", "forms"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    path = tmp_path / "processes/jilin/item_medical.bpmn"
    path.write_text(path.read_text().replace('name="deadline"', 'name="dead line"'))
    config = tmp_path / "processes/jilin/region.toml"
    config.write_text(config.read_text().replace('agency = "medical"', 'agency = "medicine"', 1))

    result = yijianshi("check", str(tmp_path))

    assert result.exit_code == 1
    assert "processes/jilin/region.toml: " in result.output
    assert "medicine" in result.output


def test_a_path_that_is_not_there_or_belongs_to_no_pack_is_used_wrongly(tmp_path: Path) -> None:
    for path in (str(tmp_path / "nowhere"), str(tmp_path)):
        result = yijianshi("check", path)
        assert result.exit_code == 2
        assert "Traceback" not in result.error
