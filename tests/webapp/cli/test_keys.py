"""``yijianshi keys rotate``: the new keys are kept in a folder, and the old ones start nothing."""

from pathlib import Path

from tests.stage import RETIREE
from tests.webapp.cli.conftest import Terminal


def test_after_rotating_only_the_new_keys_start(terminal: Terminal, tmp_path: Path) -> None:
    terminal.register()
    terminal.stage.start(
        "joint_case", terminal.stage.ming, {n: RETIREE[n] for n in ("name", "id_no")}
    )
    folder = tmp_path / "new"

    rotated = terminal.run("keys", "rotate", str(folder))

    assert rotated.exit_code == 0, rotated.error
    assert "已更换 1 个数据密钥，重建 1 人的检索值" in rotated.output
    assert (folder / "master_key").stat().st_mode & 0o077 == 0
    assert terminal.run("case", "list").exit_code == 2
    new = {
        f"YIJIANSHI_{name.upper()}": (folder / name).read_text()
        for name in ("master_key", "index_key")
    }
    assert "张建国" in terminal.run("case", "list", RETIREE["id_no"], **new).output
    assert terminal.run("audit", YIJIANSHI_DEMO="0", **new).exit_code == 0


def test_a_folder_with_something_else_in_it_changes_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "master_key").write_text("no key")
    assert terminal.run("keys", "rotate", str(tmp_path)).exit_code == 2
    assert terminal.run("case", "list").exit_code == 0
