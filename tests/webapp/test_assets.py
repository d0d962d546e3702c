"""The front end as it was built by the hook."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from engine.errors import CannotStart
from webapp import assets

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app() -> Flask:
    app = Flask("webapp", root_path=str(ROOT / "webapp"))
    assets.register_assets(app)
    return app


@pytest.mark.parametrize("name", ["app", "diagram"])
def test_every_file_a_page_asks_for_is_there_and_kept_for_ever(app: Flask, name: str) -> None:
    entry = assets.manifest()[name]
    with app.test_request_context():
        tags = str(assets.asset_tags(name))
    for file in [entry["script"], *entry["styles"], *entry["preload"]]:
        assert f"/static/dist/{file}" in tags
        answer = app.test_client().get(f"/static/dist/{file}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        answer.close()


def test_a_missing_build_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assets.manifest.cache_clear()
    monkeypatch.setattr(assets, "DIST", tmp_path)
    with pytest.raises(CannotStart, match="make web"):
        assets.manifest()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "webapp/web/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 20
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_versions_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "webapp/web/package.json").read_text())
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert version.replace(".", "").isdecimal(), f"{name} {version}"


def test_licences_of_everything_bundled_are_told() -> None:
    notices = (assets.DIST / "THIRD-PARTY-NOTICES.txt").read_text()
    for package in ("@tabler/core", "bpmn-js", "htmx.org", "diagram-js"):
        assert f"== {package} " in notices
    assert "undefined" not in notices


def test_no_bundled_file_fetches_from_elsewhere() -> None:
    for file in assets.DIST.glob("*.css"):
        assert "url(http" not in file.read_text()
        assert "url(//" not in file.read_text()


def test_nothing_is_built_twice() -> None:
    built = subprocess.run(
        [sys.executable, "hatch_build.py"],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    assert built.stdout == "web assets are current\n"
