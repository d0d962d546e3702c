"""The pages on which tables of people come in and lists go out can be used by everybody."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page

from engine.commands.take_upload import take_upload
from engine.settings import Settings
from tests.conftest import Database
from tests.engine.test_rosters import MET, WHO, book
from tests.engine.test_way_of_a_case import put_on_record
from tests.stage import Stage
from webapp import create_app

PASSWORD = "long enough a password"
ROW = ["李四", WHO[1], *MET]


def test_rosters_are_accessible(
    page: Page,
    database: Database,
    settings: Settings,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
) -> None:
    stage = Stage(database.engine)
    put_on_record(stage)
    content = book([*WHO, "符合", "正常", 400, "2027-03-10"], ROW)
    upload = take_upload(
        stage.runtime, "roster", "jilin", "contribution_check", "三月.xlsx", content, stage.li
    )
    base = serve(create_app(settings, stage.runtime))
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill("xiaoli")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    for path in (
        "/rosters/jilin/contribution_check",
        f"/uploads/{upload}",
        "/exchange",
        "/exchange/jilin/police",
    ):
        page.goto(base + path)
        accessible(page)
