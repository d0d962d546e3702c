"""A retiree with a telephone, in large print: from the public pages to the rating."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from engine.access import Actor
from engine.models import Case, WorkItem
from engine.packs.pack import read_pack
from engine.runtime import Runtime
from engine.settings import Settings
from handlers.scenario import Story, read_story
from handlers.scenario.performance import Performance
from handlers.scenario.story import Step
from tests.browser.house import House, OnPages
from tests.conftest import Database
from tests.stage import ROOT, calendar_of
from webapp import create_app
from webapp.visitor import PageVisitor

STORIES = ROOT / "processes/zongyang/scenarios"


class OnAPhone(OnPages):
    """A story in which the retiree works on the pages, and everybody else by commands."""

    def enter(self, actor: Actor) -> None:
        """Sign in from the public pages, in large print from the first of them on."""
        if self._inside is None:
            self._look_around()
        super().enter(actor)
        expect(self.page.locator("html")).to_have_attribute("data-mode", "elder")

    def _look_around(self) -> None:
        page = self.page
        page.goto(f"{self.base}/sign-in")
        page.locator("#login").fill("begun")
        page.get_by_role("button", name="长辈版").tap()
        expect(page.get_by_role("button", name="普通版")).to_be_visible()
        expect(page.locator("#login")).to_have_value("begun")  # what was typed stays
        self._looked_at(page)
        page.get_by_role("link", name="退休年龄测算").tap()
        page.get_by_label("出生年份").fill("1971")
        page.get_by_label("月份").select_option("7")
        page.get_by_label("女职工（管理、技术岗位）").check()
        page.get_by_label("参保地区").select_option(label="枞阳县")
        page.get_by_role("button", name="测算").tap()
        expect(page.get_by_role("heading", name="2026 年 12 月")).to_be_visible()
        self._looked_at(page)

    def _submit(self, step: Step) -> None:
        task = self.verdict.one(WorkItem, WorkItem.element == step.submit, WorkItem.state == "open")
        if task.role != "person":
            Performance._submit(self, step)
            return
        self.enter(self.cast.worker("person"))
        self.page.goto(f"{self.base}/my/")
        expect(self.page.get_by_text("也可以带身份证到").first).to_be_visible()
        self._looked_at(self.page)
        self.page.get_by_role("link", name=task.title).first.tap()
        self._fill(step.answers, {})
        self._press_on("提交")
        self._look_at_progress()

    def _look_at_progress(self) -> None:
        """Where it is, whom to call, and that the number is there to be told."""
        case = self.verdict.one(Case, Case.process == self.story.process)
        self.page.goto(f"{self.base}/my/cases/{case.no}")
        expect(self.page.get_by_role("heading", name="办理进度")).to_be_visible()
        expect(self.page.locator("strong", has_text=case.no)).to_be_visible()
        expect(self.page.locator("main a[href^='tel:']").first).to_be_visible()
        self._looked_at(self.page)


def story() -> Story:
    """One who hands something in later, is approved, and rates it."""
    supplied, rated = (
        read_story(STORIES / f"{name}.yaml") for name in ("supplement_supplied", "rated_well")
    )
    return supplied.model_copy(
        update={"steps": [*supplied.steps, *rated.steps[2:]], "end": rated.end}
    )


@pytest.mark.browser_context_args(
    viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
)
def test_a_retiree_goes_the_whole_way_on_a_telephone_in_large_print(
    database: Database,
    settings: Settings,
    tmp_path: Path,
    page: Page,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
) -> None:
    pack = read_pack(ROOT, "zongyang")
    seen: list[str] = []

    def looked_at(page: Page) -> None:
        seen.append(page.url)
        accessible(page)
        # not the window's width: a telephone widens it to whatever sticks out
        wide = page.evaluate("document.documentElement.scrollWidth - screen.width")
        out = page.evaluate(
            "[...document.querySelectorAll('body *')]"
            ".filter(one => one.getBoundingClientRect().right > screen.width + 0.5)"
            ".map(one => one.outerHTML.slice(0, 120))"
        )
        assert wide <= 0, f"{out[:5]} {page.url} is {wide} px too wide"
        sizes: list[Any] = page.evaluate(
            "[...document.querySelectorAll('main .btn, header .btn')]"
            ".filter(one => one.checkVisibility() && !one.closest('.visually-hidden'))"
            ".map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
        )
        small = [one for one in sizes if one[0] and 1 < one[1] < 43.5]
        assert not small, f"{page.url}: {small}"
        size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert size >= 18

    def open_house(runtime: Runtime) -> str:
        return serve(create_app(replace(settings, demo=False), runtime))

    house = House(database.engine, pack, calendar_of(pack), PageVisitor(settings))
    played = OnAPhone(house, story(), tmp_path, page, open_house, looked_at).play()
    page.goto("about:blank")

    assert played.failures == []
    assert len(seen) >= 12
