"""Figures and board can be used by everybody, on a desk and on a telephone, full or empty."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from engine.settings import Settings
from tests.conftest import Database
from tests.mix import Made, Matter, Promise, put
from tests.stage import Stage
from webapp import create_app

PASSWORD = "long enough a password"
MIX = [
    Made(
        8 + n,
        accepted=0,
        items=[Matter("medical", "in_progress"), Matter("fund", "succeeded", 1, 5)],
        promises=[Promise(6 + n, None, "medical"), Promise(4, 5, "fund")],
    )
    for n in range(6)
] + [
    Made(20 * n + 5, accepted=1, closed=4, items=[Matter("pension", "succeeded", 1, 4)])
    for n in range(12)
]


@pytest.mark.parametrize("mix", [MIX, []], ids=["full", "empty"])
def test_figures_and_board_are_accessible(
    page: Page,
    database: Database,
    settings: Settings,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
    mix: list[Made],
) -> None:
    stage = Stage(database.engine)
    put(stage, mix)
    base = serve(create_app(settings, stage.runtime))
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill("xiaoli")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for path in ("/statistics", "/statistics/list?figure=running&of=items", "/tracking"):
            page.goto(base + path)
            accessible(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, width)


def test_a_number_is_followed_to_its_list_and_back(
    page: Page, database: Database, settings: Settings, serve: Callable[[Flask], str]
) -> None:
    stage = Stage(database.engine)
    put(stage, MIX)
    base = serve(create_app(settings, stage.runtime))
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill("xiaoli")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{base}/tasks")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.get_by_label("总数").get_by_role("link", name="目前超期").click()
    page.get_by_role("heading", name="目前超期：6 件").wait_for()
    assert page.locator("tbody tr").count() == 6
    page.get_by_label("所在位置").get_by_role("link", name="统计").click()
    page.get_by_role("heading", name="统计 · 吉林").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.startswith("统计_吉林_2027-04-01")
    page.emulate_media(media="print")
    assert not page.locator("form.app-filters").is_visible()
