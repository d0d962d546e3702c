"""What ``make`` installs is the same everywhere."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_lock_file_holds_names_and_versions_only() -> None:
    for name, version in locked().items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
        assert re.fullmatch(r"[0-9][A-Za-z0-9.+]*", version), name


def test_everything_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
    ]
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in locked()}
    for requirement in wanted:
        name = re.split(r"[\[<>=~!; ]", requirement, maxsplit=1)[0]
        assert re.sub(r"[-_.]+", "-", name).lower() in names, requirement


def test_make_alone_lists_every_door() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for door in ("setup", "run", "test", "check", "bench", "chaos", "web"):
        assert re.search(rf"^{door} +\S", listed, re.MULTILINE), door
