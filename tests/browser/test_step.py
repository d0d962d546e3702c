"""From a diagram to why a step is there, and the list of clauses, in a browser."""

import re
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from engine.settings import Settings
from tests.conftest import Database
from tests.engine.test_way_of_a_case import approved
from tests.stage import Stage
from tests.webapp.pages.visitor import PASSWORD
from webapp import create_app


def test_an_element_of_a_diagram_leads_to_why_it_is_there(
    page: Page,
    database: Database,
    settings: Settings,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
) -> None:
    stage = Stage(database.engine)
    no = approved(stage)
    base = serve(create_app(settings, stage.runtime))
    page.goto(f"{base}/sign-in")
    page.fill("input[name=login]", "xiaoli")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="登录").click()

    page.goto(f"{base}/cases/{no}?tab=diagram&process=item_fund")
    page.locator("[data-element-id=realname]").first.click()
    expect(page).to_have_url(re.compile("/steps/realname"))
    expect(page.get_by_role("heading", level=1)).to_have_text("为什么有“本人实名认证”")
    accessible(page)

    page.goto(f"{base}/admin/clauses/jilin")
    accessible(page)
    page.get_by_role("link", name="申报与审批：退休审批").first.click()
    expect(page.locator("[data-element-id=approve]").first).to_be_visible()
    accessible(page)
