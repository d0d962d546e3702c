"""``yijianshi release``: freezing, comparing and activating region packs."""

import json
import shutil
from pathlib import Path

from tests.stage import ROOT
from tests.webapp.cli.conftest import Terminal


def copy_of_packs(folder: Path) -> Path:
    for name in ("processes", "forms"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def with_few_stories(folder: Path) -> Path:
    """One story is enough to see that stories are played."""
    for story in (folder / "processes/jilin/scenarios").glob("*.yaml"):
        if story.name != "nothing_ticked.yaml":
            story.unlink()
    return folder


def change(path: Path, before: str, after: str) -> None:
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def listed(terminal: Terminal) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = json.loads(terminal.run("release", "list", "--json").output)
    return lines


def test_the_release_in_use_is_marked(terminal: Terminal) -> None:
    (line,) = listed(terminal)

    assert (line["region"], line["active"], line["running_cases"]) == ("jilin", True, 0)
    assert f"● {str(line['id'])[:12]}　jilin" in terminal.run("release", "list").output


def test_a_release_is_built_compared_and_activated(terminal: Terminal, tmp_path: Path) -> None:
    root = with_few_stories(copy_of_packs(tmp_path))
    diagram = root / "processes/jilin/item_medical.bpmn"
    change(root / "processes/jilin/region.toml", "0430-5551202", "0430-5559999")
    change(diagram, 'name="核定年限并转退休"', 'name="核定年限"')
    before = str(listed(terminal)[0]["id"])

    built = terminal.run("release", "build", "jilin", "--root", str(root))
    assert built.exit_code == 0, built.error
    assert "1 个场景通过" in built.error
    after = built.output.strip()
    assert {line["id"]: line["active"] for line in listed(terminal)} == {before: True, after: False}

    found = json.loads(terminal.run("release", "diff", before, after[:8], "--json").output)
    assert {file["path"]: file["change"] for file in found} == {
        "processes/jilin/item_medical.bpmn": "changed",
        "processes/jilin/region.toml": "changed",
    }
    assert found[0]["elements"] == {"retire_medical": "changed"}

    activated = terminal.run("release", "activate", after[:12])
    assert activated.exit_code == 0, activated.error
    assert {line["id"]: line["active"] for line in listed(terminal)} == {before: False, after: True}


def test_a_release_can_wait_for_its_day(terminal: Terminal, tmp_path: Path) -> None:
    root = with_few_stories(copy_of_packs(tmp_path))
    change(root / "processes/jilin/region.toml", "0430-5551202", "0430-5559999")
    after = terminal.run("release", "build", "jilin", "--root", str(root)).output.strip()

    assert terminal.run("release", "activate", after, "--from", "2099-01-01").exit_code == 0
    (waiting,) = [line for line in listed(terminal) if line["id"] == after]
    assert waiting["active"] is False
    assert str(waiting["active_from"]).startswith("2098-12-31T16:00")
    assert terminal.run("release", "activate", after, "--from", "2020-01-01").exit_code == 2


def test_a_diagram_whose_drawing_alone_moved_says_so(terminal: Terminal, tmp_path: Path) -> None:
    root = copy_of_packs(tmp_path)
    diagram = root / "processes/jilin/joint_case.bpmn"
    text = diagram.read_text()
    x = text.split('<dc:Bounds x="', 1)[1].split('"', 1)[0]
    diagram.write_text(text.replace(f'<dc:Bounds x="{x}"', f'<dc:Bounds x="{int(x) + 1}"', 1))
    before = str(listed(terminal)[0]["id"])

    result = terminal.run("release", "diff", before, "--root", str(root))

    assert result.exit_code == 0
    assert "～ processes/jilin/joint_case.bpmn\n    只移动了图形" in result.output


def test_elements_that_came_and_went_are_named(terminal: Terminal, tmp_path: Path) -> None:
    root = copy_of_packs(tmp_path)
    diagram = root / "processes/jilin/item_medical.bpmn"
    change(diagram, '"medical_abandoned"', '"medical_given_up"')
    (root / "processes/jilin/notices/guide.txt").unlink()
    before = str(listed(terminal)[0]["id"])

    found = {
        file["path"]: file
        for file in json.loads(
            terminal.run("release", "diff", before, "--root", str(root), "--json").output
        )
    }

    assert found["processes/jilin/notices/guide.txt"]["change"] == "removed"
    elements = found["processes/jilin/item_medical.bpmn"]["elements"]
    assert elements["medical_given_up"] == "added"
    assert elements["medical_abandoned"] == "removed"
    assert elements["medical_applies_again_to_medical_abandoned"] == "changed"


def test_the_same_pack_is_no_different(terminal: Terminal) -> None:
    before = str(listed(terminal)[0]["id"])
    assert terminal.run("release", "diff", before).output == "没有不同。\n"


def test_a_story_that_fails_keeps_the_pack_from_being_released(
    terminal: Terminal, tmp_path: Path
) -> None:
    root = with_few_stories(copy_of_packs(tmp_path))
    story = root / "processes/jilin/scenarios/nothing_ticked.yaml"
    change(story, "outcome: qualification_only", "outcome: refused")
    change(root / "processes/jilin/region.toml", "0430-5551202", "0430-5559999")

    result = terminal.run("release", "build", "jilin", "--root", str(root))

    assert result.exit_code == 1
    assert "✗ nothing_ticked.yaml" in result.error
    assert len(listed(terminal)) == 1


def test_a_pack_with_mistakes_is_not_released(terminal: Terminal, tmp_path: Path) -> None:
    root = with_few_stories(copy_of_packs(tmp_path))
    change(root / "processes/jilin/region.toml", 'agency = "medical"', 'agency = "medicine"')

    result = terminal.run("release", "build", "jilin", "--root", str(root))

    assert result.exit_code == 1
    assert "processes/jilin/region.toml: " in result.error
    assert len(listed(terminal)) == 1


def test_an_unknown_release_is_one_clear_sentence(terminal: Terminal) -> None:
    result = terminal.run("release", "activate", "beef")
    assert result.exit_code == 1
    assert "没有发布版本以“beef”开头" in result.error
    assert "不止" not in result.error
