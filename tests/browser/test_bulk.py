"""批量办理 in a real browser: choose all, submit, and the page goes through the list by itself."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from engine.settings import Settings
from tests.browser.test_typing_is_kept import enter
from tests.stage import Stage
from tests.webapp.pages.test_bulk import PATH, PEOPLE, stage, tasks
from webapp import create_app
from webapp.clerk import bulk

__all__ = ["stage"]


def test_a_list_is_chosen_whole_and_submitted_row_by_row(
    page: Page,
    stage: Stage,
    settings: Settings,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    base = serve(create_app(settings, stage.runtime))
    enter(page, base)
    page.goto(f"{base}/tasks/bulk")
    expect(page).to_have_url(f"{base}{PATH}")
    page.get_by_label("全选").check()
    expect(page.get_by_text(f"已选 {len(PEOPLE)} 件")).to_be_visible()
    accessible(page)
    for choice in ("符合", "正常"):
        page.get_by_role("radio", name=choice, exact=True).check()
    page.get_by_label("累计实际缴费月数").fill("380")
    page.get_by_label("核查日期").fill("2027-03-10")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(f"已提交 {len(PEOPLE)} 件")).to_be_visible()
    accessible(page)
    assert {task.state for task in tasks(stage).values()} == {"done"}
    page.wait_for_load_state("networkidle")
