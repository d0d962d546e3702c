"""A case of each region taken through the pages to its end, agencies reached in three ways."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from engine.packs.pack import read_pack
from engine.runtime import Runtime
from engine.settings import Settings
from handlers.scenario import read_story
from tests.browser.house import House, OnPages
from tests.browser.stories import chosen
from tests.conftest import Database
from tests.stage import ROOT, calendar_of
from webapp import create_app
from webapp.visitor import PageVisitor


@pytest.mark.parametrize(("region", "name"), chosen())
def test_a_case_goes_through_the_pages_to_its_end(
    region: str,
    name: str,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    page: Page,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
    expected_errors: list[str],
) -> None:
    pack = read_pack(ROOT, region)
    story = read_story(ROOT / f"processes/{region}/scenarios/{name}.yaml")

    def open_house(runtime: Runtime) -> str:
        return serve(create_app(replace(settings, demo=False), runtime))

    house = House(database.engine, pack, calendar_of(pack), PageVisitor(settings))
    if story.start.refused:
        expected_errors.append("the server responded with a status of 4")
    played = OnPages(house, story, tmp_path, page, open_house, accessible).play()
    page.goto("about:blank")  # a page that refreshes itself would outlive its server

    assert played.failures == []
